import { useEffect, type ReactNode } from 'react';

interface PageProps {
  readonly title: string;
  /** Instead of the title in the window's: names what is shown. */
  readonly windowTitle?: string;
  readonly description?: ReactNode;
  /** Buttons at the right of the title. */
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

/** The frame of a page: its title, what can be done here, its content. */
export function Page({ title, windowTitle = title, description, actions, children }: PageProps) {
  useEffect(() => {
    document.title = `${windowTitle} · Fragment`;
  }, [windowTitle]);
  return (
    <article className="page">
      <header className="page-header">
        <div>
          <h1>{title}</h1>
          {description && <p className="page-description">{description}</p>}
        </div>
        {actions && <div className="page-actions">{actions}</div>}
      </header>
      {children}
    </article>
  );
}

interface PanelProps {
  readonly title?: ReactNode;
  readonly actions?: ReactNode;
  /** For content that reaches the edges: tables. */
  readonly flush?: boolean;
  readonly children: ReactNode;
}

/** A bordered part of a page with a heading. */
export function Panel({ title, actions, flush = false, children }: PanelProps) {
  return (
    <section className={flush ? 'panel panel-flush' : 'panel'}>
      {(title ?? actions) && (
        <header className="panel-header">
          <h2>{title}</h2>
          {actions && <div className="panel-actions">{actions}</div>}
        </header>
      )}
      <div className="panel-body">{children}</div>
    </section>
  );
}

/** Names and values, as a description list. Entries without a value are left out. */
export function KeyValues({ entries }: { readonly entries: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className="key-values">
      {entries
        .filter(([, value]) => value !== null && value !== undefined && value !== '')
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}
