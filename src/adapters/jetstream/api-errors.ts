/** What the JetStream API says no with (`err_code`); its client throws an error that has it as `code`. */
export const apiErrors = {
  consumerNotFound: 10014,
  /** There is such a stream, and it is configured differently. */
  streamNameInUse: 10058,
  streamNotFound: 10059,
} as const;

/** Whether an error of the client is a refusal of the API with one of these codes. */
export function isApiError(error: unknown, ...codes: readonly number[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(Number(error.code));
}
