/** What an agent that runs a plugin says of it before it says anything (eliza.md): what comes of it is another message. */
const actionNotice = 'Executing action:';

/** True for a message that is no answer yet. */
export function isActionNotice(content: string): boolean {
  return content.startsWith(actionNotice);
}
