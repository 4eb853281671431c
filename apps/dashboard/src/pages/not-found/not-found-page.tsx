import { Link, useLocation } from 'wouter';
import { navigation } from '../../components/navigation.js';
import { EmptyState } from '../../components/notes.js';
import { Page } from '../../components/page.js';

export function NotFoundPage() {
  const [location] = useLocation();
  return (
    <Page title="No such page">
      <EmptyState title="There is nothing at this address">
        <p>
          <code>{location}</code> is no page of the dashboard. These are:
        </p>
        <p className="link-list">
          {navigation.flat().map(({ path, label }) => (
            <Link key={path} href={path}>
              {label}
            </Link>
          ))}
        </p>
      </EmptyState>
    </Page>
  );
}
