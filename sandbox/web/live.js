/** One WebSocket of events for one person, reopened by itself with growing pauses. */

const FIRST_PAUSE = 400;
const LONGEST_PAUSE = 8000;

export class LiveEvents {
  /**
   * @param {string} uid
   * @param {{event: (name: string, data: any) => void, opened: (again: boolean) => void, lost: () => void}} listener
   */
  constructor(uid, listener) {
    this.uid = uid;
    this.listener = listener;
    this.pause = FIRST_PAUSE;
    this.closed = false;
    this.everOpened = false;
    /** @type {number | undefined} */
    this.timer = undefined;
    /** @type {WebSocket | null} */
    this.socket = null;
    this.retryNow = () => {
      if (!this.closed && !this.socket) this.open();
    };
    window.addEventListener("online", this.retryNow);
    this.open();
  }

  open() {
    clearTimeout(this.timer);
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/people/${encodeURIComponent(this.uid)}/events`);
    this.socket = socket;
    socket.onmessage = (message) => this.read(message.data);
    socket.onclose = () => {
      if (this.socket !== socket) return;
      this.socket = null;
      if (this.closed) return;
      this.listener.lost();
      this.timer = window.setTimeout(() => this.open(), this.pause * (0.8 + Math.random() * 0.4));
      this.pause = Math.min(this.pause * 1.8, LONGEST_PAUSE);
    };
  }

  /** @param {string} text */
  read(text) {
    let frame;
    try {
      frame = JSON.parse(text);
    } catch {
      return;
    }
    if (frame.t === "HELLO") {
      this.pause = FIRST_PAUSE;
      this.listener.opened(this.everOpened);
      this.everOpened = true;
    } else if (typeof frame.t === "string") this.listener.event(frame.t, frame.d);
  }

  close() {
    this.closed = true;
    clearTimeout(this.timer);
    window.removeEventListener("online", this.retryNow);
    this.socket?.close();
    this.socket = null;
  }
}
