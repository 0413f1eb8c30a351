/** The foot of a dialog: the way back, then the act. */
interface DialogFootProps {
  readonly act: string;
  /** The act is under way. */
  readonly isBusy?: boolean;
  /** There is nothing to do yet. */
  readonly isDisabled?: boolean;
  readonly onCancel: () => void;
  /** Left out: the act is the submission of the form that the foot stands in. */
  readonly onAct?: () => void;
}

export function DialogFoot({ act, isBusy = false, isDisabled = false, onCancel, onAct }: DialogFootProps) {
  return (
    <div class="dialog-foot">
      <button type="button" onClick={onCancel}>
        Cancel
      </button>
      <button
        type={onAct === undefined ? 'submit' : 'button'}
        class="primary"
        aria-busy={isBusy}
        disabled={isDisabled}
        onClick={onAct}
      >
        {act}
      </button>
    </div>
  );
}
