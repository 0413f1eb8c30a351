/** `parley/ai-sdk`: a ChatTransport for the Vercel AI SDK (package `ai`, 5 to 7). */
export { type ParleyChatOptions, ParleyChatTransport } from './chat-transport.ts';
export { type ParleyMetadata, toUiMessages } from './ui-messages.ts';
