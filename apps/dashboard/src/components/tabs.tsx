interface TabsProps {
  readonly label: string;
  readonly names: readonly string[];
  readonly current: string;
  readonly onChange: (name: string) => void;
}

/** A choice of one among a few, in a row. */
export function Tabs({ label, names, current, onChange }: TabsProps) {
  return (
    <div className="tabs" role="group" aria-label={label}>
      {names.map((name) => (
        <button key={name} type="button" aria-pressed={name === current} onClick={() => onChange(name)}>
          {name}
        </button>
      ))}
    </div>
  );
}
