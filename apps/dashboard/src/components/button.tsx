import type { ButtonHTMLAttributes } from 'react';
import { useForbidden } from '../api/session.js';
import type { Role } from '../api/types.js';

interface ButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'className'> {
  readonly look?: 'plain' | 'primary' | 'danger' | 'quiet';
  readonly size?: 'normal' | 'small';
  /** The role it takes; others see it disabled, with the reason as its title. */
  readonly needs?: Role;
  readonly busy?: boolean;
}

export function Button({ look = 'plain', size = 'normal', needs, busy = false, ...rest }: ButtonProps) {
  const forbidden = useForbidden(needs);
  return (
    <button
      type="button"
      {...rest}
      className={`button button-${look} button-${size}`}
      disabled={(rest.disabled ?? false) || busy || forbidden !== undefined}
      title={forbidden ?? rest.title}
      aria-busy={busy || undefined}
    />
  );
}
