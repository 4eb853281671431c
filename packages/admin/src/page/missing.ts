/** The page at the base path while there is no dashboard beside this package. No script and no style: its policy forbids both. */
export const dashboardMissing = (basePath: string): string => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Fragment</title>
  </head>
  <body>
    <main>
      <h1>Fragment</h1>
      <p>The scheduler is running. The dashboard has not been built.</p>
      <p>In a clone of the repository <code>npm run build</code> builds it; a published package brings it along.</p>
      <p>What it would show is here as JSON:</p>
      <ul>
        <li><a href="${basePath}/api/store/events">events</a></li>
        <li><a href="${basePath}/api/store/jobs">jobs</a></li>
        <li><a href="${basePath}/api/store/rejections">rejections</a></li>
        <li><a href="${basePath}/api/sources">sources</a></li>
        <li><a href="${basePath}/api/destinations">destinations</a></li>
        <li><a href="${basePath}/api/options">options</a></li>
      </ul>
    </main>
  </body>
</html>
`;
