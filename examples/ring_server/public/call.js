// One call as this tab sees it: idle -> calling or ringing -> connecting -> active -> idle.
// The server decides everything; this follows its events and asks with its routes.
import * as api from './api.js';
import { Media } from './media.js';

const statuses = { ringing: 'Ringing on the other side.', not_reached: 'Not reached yet; trying once more.' };
const outcomes = {
  declined: 'declined', missed: 'no answer', failed: 'failed', normal: 'ended', cancelled: 'cancelled', timeout: 'no answer', network_error: 'connection lost',
};

export class Call {
  state = 'idle';
  #view;
  #me;
  #socket;
  #ice;
  #media = null;
  #work = Promise.resolve();

  constructor({ me, socket, iceServers, view }) {
    this.#me = me;
    this.#socket = socket;
    this.#ice = iceServers;
    this.#view = view;
    // Events of one call are handled one after the other: a description must be set before its candidates.
    const on = (word, handle) => socket.on(word, (event) => {
      if (event && typeof event === 'object') this.#work = this.#work.then(() => handle(event)).catch((error) => view.notice(error.message));
    });
    const mine = (event) => this.state !== 'idle' && event.callId === this.id;
    on('incoming_call', (e) => this.#ring(e));
    on('call_accepted', (e) => mine(e) && (e.dismiss ? this.#stop('answered on another device') : this.state === 'calling' && this.#accepted()));
    on('call_declined', (e) => mine(e) && this.#stop(e.dismiss ? 'declined on another device' : `${this.peer.fullName} declined`));
    on('call_ended', (e) => mine(e) && this.#stop(this.state === 'ringing' ? 'missed call' : `call ${outcomes[e.endReason] ?? 'ended'}`));
    on('call_timeout', (e) => mine(e) && this.#stop(this.state === 'ringing' ? 'missed call' : 'no answer'));
    on('call_status_update', (e) => mine(e) && this.state === 'calling' && this.#say(statuses[e.status] ?? ''));
    on('webrtc_offer', (e) => mine(e) && this.#media?.answer(e.offer));
    on('webrtc_answer', (e) => mine(e) && this.#media?.answered(e.answer));
    on('webrtc_ice_candidate', (e) => mine(e) && this.#media?.candidate(e.candidate));
  }

  #enter(state) {
    this.state = state;
    this.#view.call(this);
  }
  #say(note) {
    this.note = note;
    this.#view.call(this);
  }
  #begin(state, { id, peer, video, caller }) {
    Object.assign(this, { id, peer, video, caller, note: '' });
    this.#enter(state);
  }

  // Rings somebody. If they are ringing us at this very moment, their call is taken instead.
  async start(peer, video) {
    if (this.state !== 'idle') return;
    this.#begin('calling', { id: null, peer, video, caller: true });
    try {
      await this.#openMedia();
      const chat = await api.openChat(this.#me._id, peer._id);
      const call = await api.initiate(peer._id, chat._id, video ? 'video' : 'voice');
      if (this.state === 'idle') return void (await api.end(call._id, 'cancelled'));
      this.id = call._id;
      this.#view.call(this);
    } catch (refusal) {
      const existing = refusal.data?.existingCall;
      if (refusal.status === 409 && existing?.participants?.[0]?._id === peer._id && existing.participants[1]?._id === this.#me._id) {
        this.id = existing._id;
        this.caller = false;
        return this.accept();
      }
      this.#stop(words(refusal));
    }
  }

  #ring(event) {
    if (this.state !== 'idle') return;
    this.#begin('ringing', { id: event.callId, peer: event.caller, video: event.callType === 'video', caller: false });
    this.#socket.emit('call_status_update', { callId: this.id, participants: [event.caller._id], status: 'ringing' });
  }

  async accept() {
    if (this.state !== 'ringing' && this.state !== 'calling') return;
    this.#enter('connecting');
    try {
      await this.#openMedia();
      await api.accept(this.id);
      this.#askToken();
    } catch (refusal) {
      this.#stop(words(refusal));
    }
  }

  // The other side said yes: the caller makes the offer.
  async #accepted() {
    this.#enter('connecting');
    this.#askToken();
    await this.#media.offer();
  }

  async decline() {
    if (this.state !== 'ringing') return;
    const id = this.id;
    this.#stop('declined');
    await api.decline(id).catch((refusal) => this.#view.notice(words(refusal)));
    this.#view.changed();
  }

  async hangUp() {
    if (this.state === 'idle') return;
    const { id, state } = this;
    this.#stop(state === 'calling' ? 'cancelled' : 'call ended');
    if (id) await api.end(id, state === 'calling' ? 'cancelled' : 'normal').catch((refusal) => this.#view.notice(words(refusal)));
    this.#view.changed();
  }

  // After a reload in a call: the leg is still ours, the picture is not. A new offer brings it back.
  async comeBack(call) {
    const caller = call.initiator._id === this.#me._id;
    const peer = call.participants.find((card) => card._id !== this.#me._id);
    this.#begin('connecting', { id: call._id, peer, video: call.callType === 'video', caller });
    try {
      await this.#openMedia();
      await this.#media.offer();
    } catch (error) {
      this.#stop(words(error));
    }
  }

  async #openMedia() {
    const media = new Media({
      iceServers: this.#ice,
      send: (kind, value) => this.#relay(kind, value),
      onRemote: (stream) => this.#view.remote(stream),
      onState: (state) => this.#mediaState(media, state),
    });
    this.#media = media;
    try {
      this.#view.local(await media.open(this.video));
    } catch {
      throw new Error('No microphone or camera: allow them for this page and try again.');
    }
  }

  #relay(kind, value) {
    if (this.state === 'idle') return;
    const to = { callId: this.id, receiverId: this.peer._id, callerId: this.peer._id };
    if (kind === 'offer') this.#socket.emit('webrtc_offer', { ...to, offer: value });
    else if (kind === 'answer') this.#socket.emit('webrtc_answer', { ...to, answer: value });
    else this.#socket.emit('webrtc_ice_candidate', { ...to, candidate: value });
  }

  #mediaState(media, state) {
    if (media !== this.#media || this.state === 'idle') return;
    if (state === 'connected' && this.state !== 'active') {
      this.since = Date.now();
      this.#enter('active');
      api.active(this.id).catch(() => {});
    } else if (state === 'failed') {
      this.note = 'The connection is interrupted; waiting for it to come back.';
      this.#view.call(this);
      if (this.caller) this.#media.offer().catch(() => {});
    }
  }

  // The provider's token for the media room; this page itself speaks plain WebRTC.
  async #askToken() {
    try {
      const answer = await api.zegoToken(this.id);
      this.note = `Provider room ${answer.roomId}, token until ${new Date(answer.expiresAt).toLocaleTimeString()}`;
    } catch (refusal) {
      this.note = words(refusal);
    }
    if (this.state !== 'idle') this.#view.call(this);
  }

  set muted(muted) {
    if (this.#media) this.#media.muted = muted;
  }
  set cameraOff(off) {
    if (this.#media) this.#media.cameraOff = off;
  }
  stats() {
    return this.#media?.stats() ?? null;
  }

  #stop(why) {
    if (this.state === 'idle') return;
    this.state = 'idle';
    this.closed = this.#media?.close() ?? null;
    this.#media = null;
    this.#view.over(this, why);
  }
}

const words = (refusal) => refusal.message || 'That did not work.';
