/** Work that a view asks the server for: one piece at a time, and why the last one failed. */
import { useRef, useState } from 'preact/hooks';
import { sentenceOf } from '../session/requests.ts';

export interface Work {
  readonly isBusy: boolean;
  /** A sentence; null: the last piece was done, or is under way. */
  readonly problem: string | null;
  /** Does it, unless another piece is under way. Resolves to true when it was done; never rejects. */
  readonly start: (piece: () => Promise<void>) => Promise<boolean>;
  readonly forget: () => void;
}

export function useWork(): Work {
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  // Two presses before the view is drawn again are one.
  const isUnderWay = useRef(false);
  const start = async (piece: () => Promise<void>): Promise<boolean> => {
    if (isUnderWay.current) return false;
    isUnderWay.current = true;
    setBusy(true);
    setProblem(null);
    try {
      await piece();
      return true;
    } catch (error) {
      setProblem(sentenceOf(error));
      return false;
    } finally {
      isUnderWay.current = false;
      setBusy(false);
    }
  };
  return { isBusy, problem, start, forget: () => setProblem(null) };
}
