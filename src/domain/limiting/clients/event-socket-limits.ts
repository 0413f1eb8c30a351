/** Bounds of Socket.IO (symbia.md §5): part of `limits`. */
export const eventSocketLimits = {
  /** Socket.IO: one polling body, or one WebSocket message (symbia.md §5). Beyond, the connection ends. */
  eventBodyBytesMax: 1_000_000,
  /** A client whose connection just died is noticed after 25 s + 20 s at the latest; it reads both when it connects. */
  eventPingMs: 25_000,
  eventPongMsMax: 20_000,
  /** WebSockets below Socket.IO: longer than its own pings take to notice. */
  eventIdleSec: 120,
  /** From polling to WebSocket. */
  eventUpgradeMsMax: 10_000,
  /** A session is ready by then, and its client told that it is connected. */
  eventReadyMsMax: 30_000,
  /** How long an orderly end waits for the next poll of its client. */
  eventFarewellMsMax: 2_000,
  /** Packets of one client that are taken in one turn of the loop; beyond, its connection ends. */
  eventPacketsPerTurnMax: 16_384,
  /** Binary pieces that an event may announce: they are passed over. */
  eventAttachmentsMax: 10,
} as const;
