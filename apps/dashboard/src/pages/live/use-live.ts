import { useEffect, useReducer, useState } from 'react';
import { apiUrl } from '../../api/client.js';
import type { EventSummary } from '../../api/types.js';
import { EMPTY_BUFFER, paused, received, resumed, type LiveBuffer } from './live-buffer.js';

export type LiveState = 'connecting' | 'live' | 'lost';

/** The server says something every 15 s; after three times that the line is dead, whatever the socket says. */
const SILENCE_MS = 45_000;
const RECONNECT_MS = 2_000;
/** Rows are drawn together, however fast they come. */
const DRAW_MS = 150;

type Change =
  | { readonly do: 'receive'; readonly events: readonly EventSummary[] }
  | { readonly do: 'pause' | 'resume' | 'clear' };

function reduce(buffer: LiveBuffer, change: Change): LiveBuffer {
  switch (change.do) {
    case 'receive':
      return received(buffer, change.events);
    case 'pause':
      return paused(buffer);
    case 'resume':
      return resumed(buffer);
    case 'clear':
      return buffer.held ? { ...EMPTY_BUFFER, held: [] } : EMPTY_BUFFER;
  }
}

/** Events as they come in, for a query of filters. Another query begins anew. */
export function useLive(query: string) {
  const [buffer, change] = useReducer(reduce, EMPTY_BUFFER);
  const [state, setState] = useState<LiveState>('connecting');
  useEffect(
    () =>
      follow(apiUrl('store/stream', new URLSearchParams(query)), {
        onState: setState,
        onEvents: (events) => change({ do: 'receive', events }),
      }),
    [query],
  );
  useEffect(() => () => change({ do: 'clear' }), [query]);
  return {
    buffer,
    state,
    pause: () => change({ do: 'pause' }),
    resume: () => change({ do: 'resume' }),
    clear: () => change({ do: 'clear' }),
  };
}

interface Listener {
  readonly onState: (state: LiveState) => void;
  readonly onEvents: (events: readonly EventSummary[]) => void;
}

/** Follows a stream until the returned function is called, however often it breaks. */
function follow(url: string, { onState, onEvents }: Listener): () => void {
  let waiting: EventSummary[] = [];
  let source: EventSource | undefined;
  let heardAt = 0;
  const connect = (): void => {
    source?.close();
    source = new EventSource(url);
    heardAt = Date.now();
    const heard = (): void => {
      heardAt = Date.now();
      onState('live');
    };
    source.addEventListener('open', heard);
    source.addEventListener('ping', heard);
    source.addEventListener('event', ({ data }: MessageEvent<string>) => {
      heard();
      waiting.push(JSON.parse(data) as EventSummary);
    });
    source.addEventListener('error', () => onState('lost'));
  };
  const draw = setInterval(() => {
    if (waiting.length === 0) return;
    onEvents(waiting);
    waiting = [];
  }, DRAW_MS);
  const watch = setInterval(() => {
    // A browser tries again by itself after a broken line, but not after an answer that was no stream.
    if (source?.readyState === EventSource.CLOSED || Date.now() - heardAt > SILENCE_MS) connect();
  }, RECONNECT_MS);
  connect();
  return () => {
    source?.close();
    clearInterval(draw);
    clearInterval(watch);
  };
}
