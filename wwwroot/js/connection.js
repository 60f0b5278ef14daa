// Starts Blazor and keeps its connection. The ladder: under 1 s nothing; to 5 s a thin bar; after that the page says
// what it last knew and takes no decisions. Presses made while the connection is away are dropped, never replayed.
(() => {
  'use strict';
  const SLOW_AFTER = 1000;
  const LOST_AFTER = 5000;
  const PROBE_LIMIT = 2000;
  const root = document.documentElement;
  const decisions = '.decision-bar, .change-choice, [data-decides]';
  let downSince = 0;
  let offlineSince = 0;
  let timers = [];
  let trying = false;
  let wake = () => { };

  const clock = at => new Date(at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
  const say = text => {
    const line = document.getElementById('connection-text');
    if (line) line.textContent = text;
  };

  const show = (state, text) => {
    root.dataset.connection = state;
    say(text);
    document.querySelectorAll(decisions).forEach(part => { part.inert = state === 'lost'; });
  };

  const clear = () => {
    timers.forEach(clearTimeout);
    timers = [];
    if (!root.dataset.connection) return;
    delete root.dataset.connection;
    say('');
    document.querySelectorAll(decisions).forEach(part => { part.inert = false; });
  };

  const startLadder = since => {
    timers.forEach(clearTimeout);
    timers = [
      setTimeout(() => show('slow', 'Reconnecting'), SLOW_AFTER),
      setTimeout(() => show('lost', `Connection lost. You see what was last known at ${clock(since)}. Decisions are off until it is back.`), LOST_AFTER),
    ];
  };

  // Any answer of the server will do; a balancer's 502 to 504 is not one.
  const reachable = async () => {
    try {
      const answer = await fetch('health/live', { cache: 'no-store', signal: AbortSignal.timeout(PROBE_LIMIT) });
      return answer.status < 502 || answer.status > 504;
    } catch {
      return false;
    }
  };

  const rest = attempt => new Promise(resolve => {
    const away = Date.now() - downSince;
    const pause = attempt === 0 ? 100 : away < 60_000 ? Math.min(1000, 200 * attempt) : away < 300_000 ? 2000 : 5000;
    const timer = setTimeout(resolve, pause);
    wake = () => { clearTimeout(timer); resolve(); };
  });

  // --- what was typed into a [data-typed] form while the connection was away. A field keeps its text, but the circuit never
  // heard of it: it is told again once the circuit answers, or carried over the reload that follows a lost one. A dead socket is
  // noticed seconds late, and what went into it is lost too.
  const NOTICED_WITHIN = 15_000;
  const CARRIED_FOR = 120_000;
  const touched = new Map();
  const noteTyped = event => { if (event.target.id && event.target.closest?.('[data-typed]')) touched.set(event.target.id, Date.now()); };
  document.addEventListener('input', noteTyped, true);
  document.addEventListener('change', noteTyped, true);
  const isTick = field => field.matches('[type=checkbox],[type=radio]');
  // Both, as a browser does: some fields tell every letter, some only the end.
  const tell = field => { for (const name of ['input', 'change']) field.dispatchEvent(new Event(name, { bubbles: true })); };
  const untold = () => [...touched].filter(([, at]) => at > (downSince || offlineSince) - NOTICED_WITHIN).map(([id]) => document.getElementById(id)).filter(field => field?.closest('[data-typed]'));

  const carryTyped = () => {
    const fields = untold().map(field => [field.id, isTick(field) ? field.checked : field.value]);
    if (fields.length) sessionStorage.setItem('sv-typed', JSON.stringify({ path: location.pathname, at: Date.now(), fields }));
  };

  const bringTyped = () => {
    const kept = JSON.parse(sessionStorage.getItem('sv-typed') ?? 'null');
    sessionStorage.removeItem('sv-typed');
    if (!kept || kept.path !== location.pathname || Date.now() - kept.at > CARRIED_FOR) return;
    const waiting = new Map(kept.fields);
    // A field in a dialog is there only when somebody opens that again.
    const until = kept.at + CARRIED_FOR;
    const look = () => {
      // A page that is still bringing a draft back says so; putting text in before would be undone by it.
      if (document.querySelector('[data-live="true"]') && !document.querySelector('[data-typed="wait"]')) {
        for (const [id, value] of waiting) {
          const field = document.getElementById(id);
          if (!field?.closest('[data-typed]')) continue;
          waiting.delete(id);
          if (isTick(field)) field.checked = value; else field.value = value;
          tell(field);
        }
      }
      if (waiting.size && Date.now() < until && location.pathname === kept.path) setTimeout(look, 250);
    };
    look();
  };

  const reload = () => {
    // Once every few seconds at most, should the server refuse circuits as such.
    const last = Number(sessionStorage.getItem('sv-reload') ?? 0);
    if (Date.now() - last < 4000) return false;
    sessionStorage.setItem('sv-reload', String(Date.now()));
    carryTyped();
    location.reload();
    return true;
  };

  const reconnect = async () => {
    if (trying) return;
    trying = true;
    try {
      for (let attempt = 0; downSince; attempt++) {
        await rest(attempt);
        if (!downSince || !await reachable()) continue;
        try {
          if (await Blazor.reconnect()) return;
          // The server no longer has the circuit. Drafts live on the server and the address holds the place.
          if (reload()) return;
        } catch {
          // Reachable, but the socket did not open: try again.
        }
      }
    } finally {
      trying = false;
    }
  };

  const down = () => {
    if (!downSince) {
      downSince = Date.now();
      if (!offlineSince) startLadder(downSince);
    }
    reconnect();
  };

  const up = () => {
    const fields = untold();
    downSince = 0;
    offlineSince = 0;
    clear();
    fields.forEach(tell);
  };

  const nudge = () => { if (downSince) wake(); };

  addEventListener('offline', () => {
    if (offlineSince || downSince) return;
    offlineSince = Date.now();
    startLadder(offlineSince);
  });
  addEventListener('online', () => {
    if (downSince) {
      nudge();
    } else if (offlineSince && Date.now() - offlineSince > 2000) {
      // The socket may be dead without knowing it; a fresh one costs less than waiting for its timeout.
      Blazor._internal?.forceCloseConnection?.();
    }
    if (!downSince) up();
  });
  addEventListener('pageshow', nudge);
  addEventListener('focus', nudge);
  document.addEventListener('visibilitychange', () => { if (!document.hidden) nudge(); });
  document.addEventListener('click', event => {
    if (!event.target.closest?.('[data-reload]')) return;
    carryTyped();
    location.reload();
  });
  bringTyped();

  Blazor.start({
    circuit: {
      // Twice the beat of the server (ShellModule) and a bit: a dead socket is noticed in seconds instead of half a minute.
      configureSignalR: builder => builder.withServerTimeout(9_000).withKeepAliveInterval(4_000),
      reconnectionHandler: { onConnectionDown: down, onConnectionUp: up },
    },
  });
})();
