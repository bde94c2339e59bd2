// What the person sees. No rules here: it shows what it is told and says which button was pressed.

const $ = (id) => document.getElementById(id);
const states = { calling: 'Calling…', ringing: 'is calling you', connecting: 'Connecting…', active: 'Connected' };

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

const initials = (card) => (card.fullName || card.username).split(/\s+/).map((word) => [...word][0]).slice(0, 2).join('').toUpperCase();
const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;

export class View {
  #ticking = null;
  #before = null;

  signIn(shown) {
    $('sign-in').hidden = !shown;
    $('home').hidden = shown;
    $('me').hidden = shown;
    if (shown) document.querySelector('#sign-in input').focus();
  }
  signInError(message) {
    $('sign-in-error').hidden = !message;
    $('sign-in-error').textContent = message ?? '';
  }
  me(card) {
    $('me-name').textContent = card.fullName || card.username;
  }
  link(text, on) {
    $('link').textContent = text;
    $('link').classList.toggle('on', on);
  }
  notice(text) {
    $('notice').hidden = !text;
    $('notice').textContent = text ?? '';
  }

  people(cards, onCall) {
    $('nobody').hidden = cards.length > 0;
    $('people').replaceChildren(...cards.map((card) => {
      const row = element('li');
      row.dataset.user = card.username;
      const who = element('span', 'who', card.fullName || card.username);
      who.append(element('span', 'small', `@${card.username}`));
      const actions = element('span', 'actions');
      for (const [label, video] of [['Video', true], ['Voice', false]]) {
        const button = element('button', video ? 'main' : '', label);
        button.type = 'button';
        button.setAttribute('aria-label', `${label} call to ${card.fullName || card.username}`);
        button.onclick = () => onCall(card, video);
        actions.append(button);
      }
      row.append(who, actions);
      return row;
    }));
  }

  history(calls, me) {
    $('no-history').hidden = calls.length > 0;
    $('history').replaceChildren(...calls.map((call) => {
      const outgoing = call.initiator._id === me._id;
      const peer = call.participants.find((card) => card._id !== me._id) ?? call.initiator;
      const { text, missed } = outcome(call, outgoing);
      const row = element('li');
      Object.assign(row.dataset, { call: call._id, status: call.status, reason: call.endReason, duration: call.duration, missed });
      const who = element('span', 'who', `${outgoing ? 'To' : 'From'} ${peer.fullName || peer.username}`);
      who.append(element('span', `small${missed ? ' missed' : ''}`, text));
      const when = element('time', 'small', new Date(call.initiatedAt).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' }));
      when.dateTime = call.initiatedAt;
      row.append(who, when);
      return row;
    }));
  }

  call(call) {
    const dialog = $('call');
    if (!dialog.open) {
      this.#before = document.activeElement;
      dialog.showModal();
    }
    const ringing = call.state === 'ringing';
    dialog.classList.toggle('ringing', ringing);
    dialog.dataset.state = call.state;
    dialog.dataset.kind = call.video ? 'video' : 'voice';
    $('initials').textContent = initials(call.peer);
    $('call-who').textContent = call.peer.fullName || call.peer.username;
    $('call-state').textContent = `${states[call.state]}${ringing ? (call.video ? ' (video)' : ' (voice)') : ''}`;
    $('call-note').textContent = call.note ?? '';
    $('accept').hidden = $('decline').hidden = !ringing;
    $('mute').hidden = $('hang-up').hidden = ringing;
    $('camera').hidden = ringing || !call.video;
    if (ringing) $('accept').focus();
    else if (!dialog.contains(document.activeElement) || document.activeElement.hidden) $('hang-up').focus();
    clearInterval(this.#ticking);
    if (call.state === 'active') {
      const tick = () => ($('call-state').textContent = `Connected ${clock((Date.now() - call.since) / 1000)}`);
      tick();
      // A screen reader hears the change of state, not every second.
      $('call-state').setAttribute('aria-live', 'off');
      this.#ticking = setInterval(tick, 1000);
    }
  }

  local(stream) {
    $('local').srcObject = stream;
    $('local').classList.toggle('on', stream.getVideoTracks().length > 0);
  }
  remote(stream) {
    $('remote').srcObject = stream;
    $('remote').classList.add('on');
    $('remote').play().catch(() => {});
  }

  over(call, why) {
    clearInterval(this.#ticking);
    $('call-state').setAttribute('aria-live', 'assertive');
    for (const id of ['local', 'remote']) {
      $(id).srcObject = null;
      $(id).classList.remove('on');
    }
    for (const [id, label] of [['mute', 'Mute'], ['camera', 'Camera off']]) {
      $(id).setAttribute('aria-pressed', 'false');
      $(id).textContent = label;
    }
    $('call').close();
    delete $('call').dataset.state;
    this.#before?.focus?.();
    this.notice(`${call.peer.fullName || call.peer.username}: ${why}`);
    this.changed();
  }
  // Set by main: somebody's call changed, lists are to be read again.
  changed() {}
}

function outcome(call, outgoing) {
  const spoken = `${call.callType === 'video' ? 'Video' : 'Voice'}, ${clock(call.duration)}`;
  if (call.status === 'declined') return { text: outgoing ? 'Declined' : 'You declined', missed: false };
  if (call.status === 'missed') return { text: outgoing ? 'No answer' : 'Missed call', missed: !outgoing };
  if (call.endReason === 'cancelled') return { text: outgoing ? 'You cancelled' : 'Missed call (cancelled)', missed: !outgoing };
  if (call.endReason === 'network_error') return { text: `Connection lost, ${spoken}`, missed: false };
  return { text: spoken, missed: false };
}
