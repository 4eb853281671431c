export interface NavigationItem {
  readonly path: string;
  readonly label: string;
  /** Goes there after `g`. */
  readonly key: string;
  readonly needs?: 'admin';
}

/** The parts of the page, in groups as the navigation shows them. */
export const navigation: readonly (readonly NavigationItem[])[] = [
  [
    { path: '/', label: 'Overview', key: 'o' },
    { path: '/live', label: 'Live', key: 'l' },
  ],
  [
    { path: '/events', label: 'Events', key: 'e' },
    { path: '/jobs', label: 'Jobs', key: 'j' },
    { path: '/failures', label: 'Failures', key: 'f' },
    { path: '/orders', label: 'Orders', key: 'b' },
    { path: '/rejections', label: 'Rejections', key: 'r' },
  ],
  [
    { path: '/sources', label: 'Sources', key: 's' },
    { path: '/destinations', label: 'Destinations', key: 'd' },
    { path: '/users', label: 'Users', key: 'u' },
  ],
  [
    { path: '/audit', label: 'Audit', key: 'a', needs: 'admin' },
    { path: '/health', label: 'Health', key: 'h' },
  ],
];

/** Is this the part that the address lies in? */
export const isWithin = (path: string, location: string): boolean =>
  path === '/' ? location === '/' : location === path || location.startsWith(`${path}/`);
