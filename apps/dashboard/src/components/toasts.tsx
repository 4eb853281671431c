import { createContext, use, useCallback, useMemo, useRef, useState, type ReactNode } from 'react';

interface Toast {
  readonly id: number;
  readonly text: ReactNode;
  readonly tone: 'good' | 'bad';
}

type ShowToast = (text: ReactNode, tone?: Toast['tone']) => void;

const SHOWN_MS = 6_000;
const ToastContext = createContext<ShowToast>(() => undefined);

/** Says something for six seconds at the edge of the page: `toast('3 jobs will run again')`. */
export const useToast = (): ShowToast => use(ToastContext);

export function ToastProvider({ children }: { readonly children: ReactNode }) {
  const [toasts, setToasts] = useState<readonly Toast[]>([]);
  const next = useRef(0);
  const show = useCallback<ShowToast>((text, tone = 'good') => {
    const id = (next.current += 1);
    setToasts((shown) => [...shown.slice(-3), { id, text, tone }]);
    setTimeout(() => setToasts((shown) => shown.filter((toast) => toast.id !== id)), SHOWN_MS);
  }, []);
  const list = useMemo(
    () =>
      toasts.map(({ id, text, tone }) => (
        <li key={id} className={`toast toast-${tone}`}>
          {text}
        </li>
      )),
    [toasts],
  );
  return (
    <ToastContext value={show}>
      {children}
      <div role="status">
        <ul className="toasts">{list}</ul>
      </div>
    </ToastContext>
  );
}
