// Ties the parts together: session, socket, lists, the one call.
import { io } from 'socket.io-client';
import * as api from './api.js';
import { Call } from './call.js';
import { View } from './view.js';

const $ = (id) => document.getElementById(id);
const view = new View();
let call = null;
let socket = null;
let lists = null;

async function open(me) {
  view.signIn(false);
  view.me(me);
  const ice = await api.iceServers().catch(() => ({ iceServers: [] }));
  socket = io({ auth: (give) => give({ token: api.token(), device: api.device }), transports: transports() });
  call = new Call({ me, socket, iceServers: ice.iceServers, view });
  window.ring = { call, socket };  // for the curious at the console, and for browser tests

  const readLists = async () => {
    try {
      const [people, past] = await Promise.all([api.online(), api.history()]);
      view.people(people.filter((card) => card._id !== me._id), (card, video) => { view.notice(''); call.start(card, video); });
      view.history(past.calls, me);
    } catch (refusal) {
      if (refusal.status === 401) return signOut('Please sign in again.');
      view.notice(refusal.message);
    }
  };
  view.changed = readLists;
  socket.on('connect', async () => {
    view.link('online', true);
    readLists();
    const live = await api.activeCall().catch(() => null);
    if (live && call.state === 'idle' && ['connecting', 'active'].includes(live.status)) call.comeBack(live);
  });
  socket.on('disconnect', () => view.link('connecting…', false));
  socket.on('connect_error', async (error) => {
    view.link('offline', false);
    if (!error.message.startsWith('Authentication error')) return;
    try {
      await api.refresh();
      socket.connect();
    } catch {
      signOut('Please sign in again.');
    }
  });
  for (const word of ['user_online', 'user_offline', 'call_ended', 'call_declined', 'call_timeout']) socket.on(word, readLists);
  clearInterval(lists);
  // Strangers are not announced, only found: who shares no chat with us is seen at the next look.
  lists = setInterval(() => document.visibilityState === 'visible' && readLists(), 3000);
}

// ?transport=websocket or polling, to look at one of them alone.
function transports() {
  const wanted = new URLSearchParams(location.search).get('transport');
  return wanted ? [wanted] : ['polling', 'websocket'];
}

function signOut(why) {
  clearInterval(lists);
  call?.hangUp();
  socket?.disconnect();
  api.signOut();
  sessionStorage.removeItem('me');
  view.signIn(true);
  view.notice(why ?? '');
}

function toggle(button, on, off, apply) {
  button.onclick = () => {
    const pressed = button.getAttribute('aria-pressed') !== 'true';
    button.setAttribute('aria-pressed', String(pressed));
    button.textContent = pressed ? on : off;
    apply(pressed);
  };
}

$('sign-in-form').onsubmit = async (event) => {
  event.preventDefault();
  const form = event.target;
  const value = (name) => form.elements[name].value.trim();
  const registering = form.classList.contains('registering');
  view.signInError(null);
  try {
    const me = registering
      ? await api.register({ username: value('username'), password: form.elements.password.value, fullName: value('fullName'), email: value('email') })
      : await api.login(value('username'), form.elements.password.value);
    sessionStorage.setItem('me', JSON.stringify(me));
    view.notice('');
    form.reset();
    await open(me);
  } catch (refusal) {
    view.signInError(refusal.message);
  }
};
$('show-register').onclick = () => {
  const form = $('sign-in-form');
  const registering = form.classList.toggle('registering');
  form.elements.go.textContent = registering ? 'Register' : 'Sign in';
  $('show-register').textContent = registering ? 'I have an account' : 'I am new here';
  $('show-register').setAttribute('aria-expanded', String(registering));
  form.elements[registering ? 'fullName' : 'username'].focus();
};
$('sign-out').onclick = () => signOut();
$('accept').onclick = () => call.accept();
$('decline').onclick = () => call.decline();
$('hang-up').onclick = () => call.hangUp();
$('call').addEventListener('cancel', (event) => { event.preventDefault(); call.state === 'ringing' ? call.decline() : call.hangUp(); });
toggle($('mute'), 'Unmute', 'Mute', (pressed) => (call.muted = pressed));
toggle($('camera'), 'Camera on', 'Camera off', (pressed) => (call.cameraOff = pressed));

const known = sessionStorage.getItem('me');
if (known && api.token()) open(JSON.parse(known));
else view.signIn(true);
