import { useEffect, useState } from 'react';
import { Button } from './button.js';

interface CopyButtonProps {
  readonly text: string;
  /** Default `Copy`. */
  readonly label?: string;
  /** Default `quiet`, for what stands beside a text. */
  readonly look?: 'plain' | 'quiet';
}

/** Copies a text, and says for two seconds that it did. */
export function CopyButton({ text, label = 'Copy', look = 'quiet' }: CopyButtonProps) {
  const [said, setSaid] = useState<string>();
  useEffect(() => {
    const timer = setTimeout(() => setSaid(undefined), 2_000);
    return () => clearTimeout(timer);
  }, [said]);
  const copy = async (): Promise<void> => setSaid((await copied(text)) ? 'Copied' : 'Press Ctrl C');
  return (
    <Button look={look} size={look === 'quiet' ? 'small' : 'normal'} onClick={copy} aria-live="polite">
      {said ?? label}
    </Button>
  );
}

/** The clipboard of a page that did not come over https or from this machine needs the old way. */
async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.createElement('textarea');
    field.value = text;
    document.body.append(field);
    field.select();
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- without a secure context there is nothing else.
    const done = document.execCommand('copy');
    field.remove();
    return done;
  }
}
