/** The WebSocket of Node where it has none of its own. Only for Node: the client in browsers never comes here. */
export { WebSocket } from 'ws';
