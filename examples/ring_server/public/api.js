// The REST half of the server's contract. Every refusal becomes an Error whose message is the server's own words.

export class Refusal extends Error {
  constructor(status, message, data) {
    super(message);
    this.status = status;
    this.data = data;
  }
}

// One tab is one device: sessionStorage, so that two tabs can be two people.
export const device = sessionStorage.getItem('device') ?? crypto.randomUUID?.() ?? [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, '0')).join('');
sessionStorage.setItem('device', device);

let accessToken = sessionStorage.getItem('accessToken');
let refreshToken = sessionStorage.getItem('refreshToken');

export const token = () => accessToken;

function keep(data) {
  accessToken = data?.accessToken ?? null;
  refreshToken = data?.refreshToken ?? null;
  for (const [name, value] of Object.entries({ accessToken, refreshToken })) {
    if (value) sessionStorage.setItem(name, value);
    else sessionStorage.removeItem(name);
  }
}

async function request(method, path, body) {
  const headers = { 'X-Device-Id': device };
  if (accessToken) headers.Authorization = `Bearer ${accessToken}`;
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  let response;
  try {
    response = await fetch(`/api/v1${path}`, { method, headers, credentials: 'omit', body: body === undefined ? undefined : JSON.stringify(body) });
  } catch {
    throw new Refusal(0, 'The server cannot be reached.', null);
  }
  const answer = await response.json().catch(() => null);
  if (!response.ok) throw new Refusal(response.status, answer?.message ?? `The server answered ${response.status}.`, answer?.data ?? null);
  return answer?.data ?? null;
}

async function withFreshToken(work) {
  try {
    return await work();
  } catch (refusal) {
    if (refusal.status !== 401 || !refreshToken) throw refusal;
    await refresh();
    return work();
  }
}

export async function refresh() {
  const wanted = refreshToken;
  keep(null);
  keep(await request('POST', '/users/refresh-token', { refreshToken: wanted }));
}

const call = (method, path, body) => withFreshToken(() => request(method, path, body));

export async function login(username, password) {
  const data = await request('POST', '/users/login', username.includes('@') ? { email: username, password } : { username, password });
  keep(data);
  return data.user;
}
export async function register(form) {
  const data = await request('POST', '/users/register', { ...form, confirmPassword: form.password });
  keep(data);
  return data.user;
}
export const signOut = () => keep(null);

export const me = () => call('GET', '/users/me');
export const online = () => call('GET', '/users/online');
export const iceServers = () => call('GET', '/calls/ice-servers');
export const history = () => call('GET', '/calls/history?limit=20');
export const activeCall = () => call('GET', '/calls/active');
export const openChat = (mine, theirs) => call('POST', '/chats', { participants: [mine, theirs], chatType: 'direct' });
export const initiate = (receiverId, chatId, callType) => call('POST', '/calls/initiate', { receiverId, chatId, callType });
export const accept = (id) => call('PATCH', `/calls/${id}/accept`);
export const decline = (id) => call('PATCH', `/calls/${id}/decline`);
export const end = (id, endReason = 'normal') => call('PATCH', `/calls/${id}/end`, { endReason });
export const active = (id) => call('PATCH', `/calls/${id}/status`, { status: 'active' });
export const zegoToken = (id) => call('POST', `/calls/${id}/zego-token`, { role: 'publisher' });
