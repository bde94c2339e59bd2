// Camera, microphone and one RTCPeerConnection. Knows nothing of calls: it is given a way to send what it has to say.

export class Media {
  #connection = null;
  #local = null;
  #early = [];
  #send;
  #onRemote;
  #onState;
  #iceServers;

  constructor({ send, onRemote, onState, iceServers }) {
    this.#send = send;
    this.#onRemote = onRemote;
    this.#onState = onState;
    this.#iceServers = iceServers;
  }

  // Asks for the devices; without a camera a video call goes on with sound alone.
  async open(video) {
    if (this.#local) return this.#local;
    try {
      this.#local = await navigator.mediaDevices.getUserMedia({ audio: true, video });
    } catch (error) {
      if (!video) throw error;
      this.#local = await navigator.mediaDevices.getUserMedia({ audio: true });
    }
    return this.#local;
  }

  #connect() {
    this.#connection?.close();
    this.#early = [];
    const connection = new RTCPeerConnection({ iceServers: this.#iceServers });
    for (const track of this.#local.getTracks()) connection.addTrack(track, this.#local);
    connection.onicecandidate = ({ candidate }) => candidate && this.#send('candidate', candidate);
    connection.ontrack = ({ streams }) => this.#onRemote(streams[0]);
    connection.onconnectionstatechange = () => this.#onState(connection.connectionState);
    this.#connection = connection;
    return connection;
  }

  async offer() {
    const connection = this.#connect();
    await connection.setLocalDescription(await connection.createOffer());
    this.#send('offer', connection.localDescription);
  }

  // An offer while connected means that the other side came back: start over with it.
  async answer(offer) {
    const early = this.#connection ? [] : this.#early;
    const connection = this.#connect();
    this.#early = early;
    await connection.setRemoteDescription(offer);
    await connection.setLocalDescription(await connection.createAnswer());
    this.#send('answer', connection.localDescription);
    await this.#addEarly();
  }

  async answered(answer) {
    if (this.#connection?.signalingState !== 'have-local-offer') return;
    await this.#connection.setRemoteDescription(answer);
    await this.#addEarly();
  }

  // Candidates may overtake the description that they belong to.
  async candidate(candidate) {
    if (!this.#connection?.remoteDescription) this.#early.push(candidate);
    else await this.#connection.addIceCandidate(candidate).catch(() => {});
  }

  async #addEarly() {
    for (const candidate of this.#early.splice(0)) await this.#connection.addIceCandidate(candidate).catch(() => {});
  }

  set muted(muted) {
    for (const track of this.#local?.getAudioTracks() ?? []) track.enabled = !muted;
  }
  set cameraOff(off) {
    for (const track of this.#local?.getVideoTracks() ?? []) track.enabled = !off;
  }
  get hasCamera() {
    return (this.#local?.getVideoTracks().length ?? 0) > 0;
  }
  // For tests and for support: what the browser itself counts.
  stats() {
    return this.#connection?.getStats() ?? null;
  }

  close() {
    this.#connection?.close();
    for (const track of this.#local?.getTracks() ?? []) track.stop();
    const ended = { connection: this.#connection?.connectionState ?? 'closed', tracks: (this.#local?.getTracks() ?? []).map((track) => track.readyState) };
    this.#connection = this.#local = null;
    this.#early = [];
    return ended;
  }
}
