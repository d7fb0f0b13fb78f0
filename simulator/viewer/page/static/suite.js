// The page's hand-written part: X-ray frames on canvases, and hands on pedal, drives, needle and plunger, over one socket.
// Everything else of the page is declared in Python. Whatever is held here is let go when the page falls silent.
(() => {
  'use strict';
  const { SEND, ROLE, MONITOR, TRIGGER, NOTICE, STILL, DRIVES, PAD } = window.suiteMessages;  // words shared with the server (simulator.viewer.page.script)
  const BEAT_MS = 150, RETRY_MS = 700, SILENT_MS = 4000;
  const suite = window.suite = { frames: 0, role: '', held: {}, last: null, latency: [], muted: true, speaking: false, untold: false };
  let socket = null, sentAt = 0, heardAt = 0;

  // --- socket -----------------------------------------------------------------------------------------------------------------
  const say = message => { if (socket && socket.readyState === 1 && suite.role !== ROLE.WATCH) { sentAt = performance.now(); socket.send(JSON.stringify(message)); } };
  const act = action => say(SEND.act(action));
  const state = () => window.trame && window.trame.state ? window.trame.state.state : {};

  // A connection is lost when its socket closes, and when nothing has come for SILENT_MS: the server says something every second, and a
  // network that merely falls silent closes nothing. Once it is back, a page that lost what trame tells it as well begins anew.
  function connect() {
    const own = socket = new WebSocket(location.origin.replace(/^http/, 'ws') + '/suite.ws');
    own.binaryType = 'arraybuffer'; heardAt = performance.now();
    own.onmessage = event => { heardAt = performance.now(); typeof event.data === 'string' ? told(JSON.parse(event.data)) : arrived(event.data); };
    own.onclose = () => lost(own);
    own.onopen = () => { heardAt = performance.now(); mark('offline', false); };
  }
  function lost(own) {
    if (own !== socket) return;
    socket = null; own.onmessage = own.onopen = null; own.close();
    releaseAll(); suite.role = ''; mark('offline', true); setTimeout(connect, RETRY_MS);
  }
  let asking = false;
  const again = () => fetch(location.href, { method: 'HEAD', cache: 'no-store' }).then(answer => answer.ok && location.reload()).catch(() => {}).finally(() => { asking = false; });
  setInterval(() => {
    if (socket && socket.readyState < 2 && performance.now() - heardAt > SILENT_MS) lost(socket);
    if (suite.untold && suite.role && !asking) { asking = true; again(); }
  }, 500);
  const mark = (name, on) => document.documentElement.classList.toggle('suite-' + name, on);

  function told(message) {
    const role = message[NOTICE.ROLE];
    if (role) { suite.role = role; mark('watching', role === ROLE.WATCH); }
    if (message[NOTICE.BLANK]) blank();
  }
  // Another attempt begins, or none: nothing that monitors, tools and hands hold of the one before stays.
  const forgetting = [];
  function blank() {
    releaseAll(); attempt += 1;
    for (const kind of Object.values(MONITOR)) { waiting[kind] = null; delete suite[kind]; }
    document.querySelectorAll('canvas[data-monitor]').forEach(canvas => { canvas.width = canvas.height = 512; delete canvas.dataset.shown; });
    Object.assign(suite, { frames: 0, last: null, latency: [] });
    for (const forget of forgetting) forget();
  }

  // --- frames: newest wins -----------------------------------------------------------------------------------------------------
  const waiting = {}, drawing = {};
  let attempt = 0;
  function arrived(data) {
    const length = new DataView(data).getUint32(0);
    const header = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 4, length)));
    waiting[header.kind] = { header, blob: new Blob([new Uint8Array(data, 4 + length)], { type: 'image/jpeg' }) };
    if (!drawing[header.kind]) draw(header.kind);
  }
  async function draw(kind) {
    drawing[kind] = true;
    try {
      while (waiting[kind]) {
        const { header, blob } = waiting[kind], of = attempt; waiting[kind] = null;
        const picture = await createImageBitmap(blob);
        if (of !== attempt) continue;
        document.querySelectorAll(`canvas[data-monitor="${kind}"]`).forEach(canvas => {
          if (canvas.width !== picture.width || canvas.height !== picture.height) { canvas.width = picture.width; canvas.height = picture.height; }
          canvas.getContext('2d').drawImage(picture, 0, 0);
        });
        suite[kind] = { picture, header };
        if (kind === MONITOR.LIVE) { suite.frames += 1; suite.last = header; suite.latency.push(performance.now() - sentAt); if (suite.latency.length > 500) suite.latency.shift(); tick(header); }
      }
    } finally { drawing[kind] = false; }
  }
  // A canvas that Vue makes anew shows what was last on its monitor.
  new MutationObserver(() => document.querySelectorAll('canvas[data-monitor]').forEach(canvas => {
    const kept = suite[canvas.dataset.monitor];
    if (kept && !canvas.dataset.shown) { canvas.dataset.shown = '1'; canvas.width = kept.picture.width; canvas.height = kept.picture.height; canvas.getContext('2d').drawImage(kept.picture, 0, 0); }
  })).observe(document.documentElement, { childList: true, subtree: true });

  // --- holding ------------------------------------------------------------------------------------------------------------------
  const busy = held => !!(held.pedal || held.thumb || held.plunger_ml_s || (held.carm || []).some(Boolean) || (held.table || []).some(Boolean));
  function hold(what) { Object.assign(suite.held, what); say(SEND.hold(what)); }
  function release(what) { const back = {}; for (const key of Object.keys(what)) back[key] = STILL[key]; hold(back); }
  function releaseAll() { for (const end of [...pressed.values(), ...keysDown.values()]) end(false); if (busy(suite.held)) hold({ ...STILL }); suite.held = {}; pressed.clear(); keysDown.clear(); }
  setInterval(() => { if (busy(suite.held)) say(SEND.beat()); }, BEAT_MS);
  const pressed = new Map(), keysDown = new Map();

  // A tap on a drive is one small step, exactly; only what is held longer drives. So a browser that draws slowly does not overshoot.
  const TAP_MS = 200, TAP_DEG = 1, TAP_MM = 5, SCALES = ['oblique_deg', 'tilt_deg', 'swivel_deg'];
  let aimed = {}, aimedAt = 0;
  forgetting.push(() => { aimed = {}; aimedAt = 0; });
  function nudge(what) {
    if (what.table) { const [left_mm, dorsal_mm, cranial_mm] = what.table.map(sign => sign * TAP_MM); act({ 'move-table': { left_mm, dorsal_mm, cranial_mm } }); return; }
    if (performance.now() - aimedAt > 1500) aimed = {};
    what.carm.forEach((sign, i) => { if (sign) aimed[SCALES[i]] = (aimed[SCALES[i]] ?? Math.round(state().readouts[SCALES[i]])) + sign * TAP_DEG; });
    aimedAt = performance.now(); act({ 'move-carm': { ...aimed } });
  }
  // Drives held at once add up: the C-arm turns about two of its joints.
  const driving = new Set();
  const drive = which => hold({ [which]: [0, 1, 2].map(i => Math.max(-1, Math.min(1, [...driving].reduce((sum, what) => sum + ((what[which] || [])[i] || 0), 0)))) });
  function start(what) {  // of a press: returns what ends it
    const which = ['carm', 'table'].find(name => what[name]);
    if (!which) { hold(what); return () => release(what); }
    const own = { ...what };
    const timer = setTimeout(() => { driving.add(own); aimed = {}; drive(which); }, TAP_MS);
    return tapped => { clearTimeout(timer); if (driving.delete(own)) drive(which); else if (tapped) nudge(what); };
  }
  addEventListener('blur', releaseAll);
  addEventListener('pagehide', releaseAll);
  // trame would close its connection when the page goes, and with it take the room down in an order that vtk.js complains of: the browser does it.
  addEventListener('beforeunload', event => event.stopImmediatePropagation(), true);
  document.addEventListener('visibilitychange', () => { if (document.hidden) releaseAll(); });

  const plunger = () => ({ plunger_ml_s: Number(state().rate_ml_s || 0.3) });
  const holding = element => {
    const said = JSON.parse(element.dataset.hold);
    return said.plunger ? plunger() : said;
  };
  document.addEventListener('pointerdown', event => {
    const button = event.target.closest && event.target.closest('[data-hold]');
    if (!button || button.disabled) return;
    event.preventDefault(); button.focus();
    try { button.setPointerCapture(event.pointerId); } catch { /* a synthetic pointer */ }
    pressed.set(event.pointerId, start(holding(button))); button.classList.add('down');
  });
  for (const end of ['pointerup', 'pointercancel', 'lostpointercapture']) document.addEventListener(end, event => {
    const ended = pressed.get(event.pointerId);
    if (!ended) return;
    pressed.delete(event.pointerId); document.querySelectorAll('.down').forEach(one => one.classList.remove('down')); ended(true);
  });

  // --- keys ---------------------------------------------------------------------------------------------------------------------
  const step = () => Number(state().step_mm || 1);
  const KEYS = {
    ...DRIVES,
    KeyP: 'plunger', KeyL: { thumb: true }, Space: { pedal: true },
  };
  const ONCE = {
    KeyW: () => say(SEND.shaft_mm(step())), KeyS: () => say(SEND.shaft_mm(-step())),
    KeyE: () => say(SEND.roll_deg(15)), KeyQ: () => say(SEND.roll_deg(-15)),
    KeyX: () => act('shoot'), KeyR: () => act('save-reference'), KeyA: () => act('aspirate'), KeyC: () => act({ 'aim-needle': {} }),
    Digit1: () => set('step_mm', 0.2), Digit2: () => set('step_mm', 1), Digit3: () => set('step_mm', 5),
    KeyH: () => window.trame.trigger(TRIGGER.HINT),
  };
  const set = (name, value) => window.trame.state.set(name, value);
  const typing = target => target && (target.isContentEditable || ['TEXTAREA', 'SELECT'].includes(target.tagName) || (target.tagName === 'INPUT' && !['range', 'checkbox', 'radio', 'button'].includes(target.type)));
  const inSuite = () => state().stage === 'suite' && !document.querySelector('.v-overlay--active .v-card');
  addEventListener('keydown', event => { if (state().pedal_learning) learn(event); }, true);
  addEventListener('keydown', event => { if (event.key === 'Escape' && state().help_open) suite.help(false); }, true);
  // A USB pedal types some key of its own: once learnt, that key is the pedal too, in this browser, and nothing else.
  const PEDAL = 'epifluoro-pedal';
  const learnt = () => localStorage.getItem(PEDAL) || '';
  suite.learn = () => set('pedal_learning', true);
  function learn(event) {
    event.preventDefault(); event.stopImmediatePropagation(); set('pedal_learning', false);
    const code = event.code || event.key;
    if (event.key === 'Escape') localStorage.removeItem(PEDAL); else localStorage.setItem(PEDAL, code);
    set('pedal_key', learnt());
  }
  const boxed = target => target.tagName === 'INPUT' && ['checkbox', 'radio'].includes(target.type);
  addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.code === 'Escape' && typing(event.target)) { event.target.blur(); return; }
    if (typing(event.target)) return;
    if (event.key === '?' || event.code === 'KeyK') { event.preventDefault(); suite.help(!state().help_open); return; }
    if (!inSuite() || (event.target.closest && event.target.closest('[role=dialog]'))) return;
    if (learnt() && (event.code || event.key) === learnt()) { event.preventDefault(); if (!event.repeat && !keysDown.has(event.code)) keysDown.set(event.code, start({ ...KEYS.Space })); return; }
    const name = (event.shiftKey && /^(Arrow|Page)/.test(event.code) ? 'Shift+' : '') + event.code;
    if (event.target.matches && event.target.matches('[data-tools]') && crossed(event)) { event.preventDefault(); return; }
    const slider = event.target.tagName === 'INPUT' && event.target.type === 'range' || event.target.getAttribute('role') === 'slider';
    const button = event.target.closest('[data-hold]');
    if (event.code === 'Enter' && button && !button.disabled) { event.preventDefault(); if (!event.repeat) { button.classList.add('down'); keysDown.set('Enter', start(holding(button))); } return; }
    if (slider && name.includes('Arrow') || event.code === 'Space' && boxed(event.target)) return;
    const what = KEYS[name] === 'plunger' ? plunger() : KEYS[name];
    if (what) { event.preventDefault(); if (!event.repeat && !keysDown.has(event.code)) keysDown.set(event.code, start(what)); return; }
    if (ONCE[event.code]) { event.preventDefault(); ONCE[event.code](); }
  }, true);
  // A box ticked by the mouse does not keep the focus: Space is the pedal again.
  addEventListener('click', event => { if (event.detail && inSuite() && event.target.tagName && boxed(event.target)) event.target.blur(); });
  addEventListener('keyup', event => {
    if (event.code === 'Space' && !typing(event.target) && inSuite() && !boxed(event.target)) event.preventDefault();
    const ended = keysDown.get(event.code);
    if (!ended) return;
    keysDown.delete(event.code); document.querySelectorAll('.down').forEach(one => one.classList.remove('down')); ended(true);
  }, true);

  // --- help: takes the focus and gives it back ------------------------------------------------------------------------------------
  let before = null;
  suite.help = open => {
    if (open) before = document.activeElement;
    set('help_open', open); set('pedal_learning', false);
    setTimeout(() => { const to = open ? document.querySelector('[data-testid=keys-close]') : before; if (to && to.isConnected) to.focus(); }, 120);
  };

  // --- the tour: the step that it speaks of is unfolded and in sight --------------------------------------------------------------
  let toured = '';
  forgetting.push(() => { toured = ''; });
  setInterval(() => {
    const at = state().tour_at || '', said = at + (state().tour_text || '');
    if (said === toured) return;
    const place = at && document.querySelector(`[data-testid="${at}"]`);
    if (at && !place) return;
    toured = said;
    if (!place) return;
    if (place.tagName === 'DETAILS') place.open = true;
    place.scrollIntoView({ block: 'nearest' });
  }, 200);

  // --- the debrief: tabs with the arrow keys; going to a moment; a drag over the bar tells at most every 60 ms, and its end always -------------------------
  let seekAt = 0, seekTimer = 0;
  forgetting.push(() => { clearTimeout(seekTimer); seekAt = seekTimer = 0; });
  suite.replay = wanted => {
    const end = (state().debrief || {}).end_s;
    if (end === undefined) return;
    const at = Math.min(end, Math.max(0, wanted)); set('replay_s', at); clearTimeout(seekTimer);
    seekTimer = setTimeout(() => { seekAt = performance.now(); say(SEND.replay(at)); }, Math.max(0, 60 - (performance.now() - seekAt)));
  };
  // Play: where the page that drives says so, simulated time runs over the stretch that the bar shows, and begins anew at its end.
  const PLAY_MS = 100;
  let playedAt = 0;
  suite.play = () => {
    const [begin, end] = state().replay_span || [0, 0], on = !state().replay_playing;
    if (on && state().replay_s >= end - 0.05) suite.replay(begin);
    playedAt = performance.now(); set('replay_playing', on);
  };
  setInterval(() => {
    const since_s = (performance.now() - playedAt) / 1000; playedAt = performance.now();
    if (!state().replay_playing || suite.role !== ROLE.DRIVE || state().stage !== 'debrief') return;
    const end = (state().replay_span || [0, 0])[1], at = Math.min(end, state().replay_s + since_s * (state().replay_speed || 1));
    suite.replay(at);
    if (at >= end) set('replay_playing', false);
  }, PLAY_MS);
  addEventListener('keydown', event => {
    if (state().stage !== 'debrief' || event.code !== 'Space' || event.repeat || typing(event.target) || event.target.closest && event.target.closest('button, a, summary, [role=dialog], [type=checkbox]')) return;
    event.preventDefault(); suite.play();
  }, true);
  // The list follows the time: the moment that is shown stays in its middle. Only the list scrolls, and only where the moment is another.
  let present = null;
  forgetting.push(() => { present = null; });
  setInterval(() => {
    const now = document.querySelector('.happened [aria-current]');
    if (now === present) return;
    present = now;
    const list = now && now.closest('.happened');
    if (list) list.scrollTop += now.getBoundingClientRect().top - list.getBoundingClientRect().top - (list.clientHeight - now.offsetHeight) / 2;
  }, PLAY_MS);
  function turn(tab, key) {
    const tabs = [...tab.closest('[role=tablist]').querySelectorAll('[role=tab]')], at = tabs.indexOf(tab);
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: tabs.length - 1 }[key];
    if (to === undefined) return;
    const next = tabs[(to + tabs.length) % tabs.length]; next.focus(); next.click();
  }
  const SEEK = { ArrowLeft: -1, ArrowRight: 1, PageUp: -30, PageDown: 30, Home: -1e9, End: 1e9 };
  addEventListener('keydown', event => {
    if (state().stage !== 'debrief' || !(event.key in SEEK) || event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || event.target.getAttribute('role') === 'tabpanel' && event.key.startsWith('Page')) return;
    event.preventDefault();
    if (event.target.getAttribute('role') === 'tab') { turn(event.target, event.key); return; }
    suite.replay(state().replay_s + SEEK[event.key]);
  }, true);

  // --- wheel: the needle ----------------------------------------------------------------------------------------------------------
  document.addEventListener('wheel', event => {
    const pad = event.target.closest && event.target.closest('[data-needle-wheel]');
    if (!pad || !inSuite()) return;
    event.preventDefault();
    const notches = Math.sign(event.deltaY) * Math.max(1, Math.min(5, Math.round(Math.abs(event.deltaY) / 100)));
    say(event.shiftKey ? SEND.roll_deg(notches * 15) : SEND.shaft_mm(notches * step()));
  }, { passive: false });

  // --- the live monitor's tools: mark the skin, measure, collimate -----------------------------------------------------------------
  // From a place on the monitor to one on the detector: undo quarter turns, then mirrors (simulator.xray.image.display._finish).
  function detector(u, v) {
    const shown = state().display || {};
    for (let i = 0; i < ((shown.quarter_turns || 0) % 4 + 4) % 4; i++) [u, v] = [1 - v, u];
    return [shown.flip_columns ? 1 - u : u, shown.flip_rows ? 1 - v : v];
  }
  let drag = null, cross = [0.5, 0.5], corner = null;
  forgetting.push(() => { drag = corner = null; cross = [0.5, 0.5]; clearSketch(); });
  const DIRECTIONS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  function crossed(event) {  // a key on the monitor that has the focus; whether it was for the cross
    const way = DIRECTIONS[event.code];
    if (way) { cross = cross.map((place, i) => Math.min(1, Math.max(0, place + way[i] * (event.shiftKey ? 0.05 : 0.005)))); drawCross(); return true; }
    if (event.code === 'Escape') { corner = null; drawCross(); return true; }
    if (event.code !== 'Enter') return false;
    const tool = state().tool || 'mark';
    if (tool === 'mark') mark1(...cross);
    else if (!corner) corner = [...cross];
    else { const from = corner; corner = null; if (tool === 'collimate') leaves(from, cross); else { drag = { tool, from, to: [...cross] }; sketch(); drag = null; } return true; }
    drawCross(); return true;
  }
  function drawCross() {
    const svg = overlay(); if (!svg) return;
    if (corner) { drag = { tool: state().tool, from: corner, to: cross }; sketch(); drag = null; } else svg.innerHTML = '';
    const [x, y] = cross.map(place => 100 * place);
    svg.innerHTML += `<path class="cross" d="M${x - 4} ${y}H${x - 1}M${x + 1} ${y}H${x + 4}M${x} ${y - 4}V${y - 1}M${x} ${y + 1}V${y + 4}"/>`;
  }
  document.addEventListener('focusin', event => { if (event.target.matches('[data-tools]') && event.target.matches(':focus-visible')) drawCross(); });
  document.addEventListener('focusout', event => { if (event.target.matches('[data-tools]')) { corner = null; if ((state().tool || 'mark') !== 'measure') clearSketch(); } });
  function mark1(u, v) { const [across, down] = detector(u, v); act({ 'mark-skin': { across, down } }); }
  const place = (event, pad) => { const box = pad.getBoundingClientRect(); return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height].map(x => Math.min(1, Math.max(0, x))); };
  document.addEventListener('pointerdown', event => {
    const pad = event.target.closest && event.target.closest('[data-tools]');
    if (!pad || !inSuite()) return;
    const tool = state().tool || 'mark', at = place(event, pad);
    if (tool === 'mark') { mark1(...at); return; }
    pad.setPointerCapture(event.pointerId); drag = { pad, tool, from: at, to: at }; sketch();
  });
  document.addEventListener('pointermove', event => { if (drag) { drag.to = place(event, drag.pad); sketch(); } });
  document.addEventListener('pointerup', () => {
    if (!drag) return;
    const { tool, from, to } = drag; drag = null;
    if (tool === 'collimate') leaves(from, to);
  });
  function leaves(from, to) {
    const a = detector(...from), b = detector(...to), field = (state().readouts || {}).field_mm || 300;
    const [left, right] = [a[0], b[0]].sort((x, y) => x - y), [top, bottom] = [a[1], b[1]].sort((x, y) => x - y);
    clearSketch();
    if (right - left < 0.05 || bottom - top < 0.05) return;
    const mm = x => Math.round(x * field * 10) / 10;
    act({ collimate: { left_mm: mm(0.5 - left), right_mm: mm(right - 0.5), top_mm: mm(0.5 - top), bottom_mm: mm(bottom - 0.5) } });
  }
  const overlay = () => document.querySelector('svg[data-sketch]');
  function clearSketch() { const svg = overlay(); if (svg) svg.innerHTML = ''; }
  function sketch() {
    const svg = overlay(); if (!svg) return;
    const [x1, y1, x2, y2] = [...drag.from, ...drag.to].map(x => x * 100);
    if (drag.tool === 'collimate') { svg.innerHTML = `<rect x="${Math.min(x1, x2)}" y="${Math.min(y1, y2)}" width="${Math.abs(x2 - x1)}" height="${Math.abs(y2 - y1)}" class="leaf"/>`; return; }
    const mm = Math.hypot(x2 - x1, y2 - y1) / 100 * ((state().readouts || {}).field_mm || 300) * ((state().scenario || {}).sod_over_sid || 0.7);
    svg.innerHTML = `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" class="rule"/><text x="${Math.min(80, (x1 + x2) / 2 + 1)}" y="${(y1 + y2) / 2 - 1}" class="rule">${mm.toFixed(0)} mm</text>`;
  }
  suite.clearSketch = clearSketch;
  suite.remembered = () => ({ held: suite.held, frames: suite.frames, last: suite.last, latency: suite.latency, shown: Object.values(MONITOR).filter(kind => suite[kind] || waiting[kind]),
    pressed: pressed.size, keysDown: keysDown.size, driving: driving.size, aimed, drag, cross, corner, sketch: (overlay() || {}).innerHTML || '' });

  // --- what the system let go of is not held here either: hands press again -------------------------------------------------------------
  let lostBefore = '';
  setInterval(() => { const said = state().lost || ''; if (said && !lostBefore && busy(suite.held)) releaseAll(); lostBefore = said; }, 100);

  // --- pace: a browser that takes long to draw is told less often where things stand in the room ------------------------------------
  // Without a graphics card a move takes it a quarter of a second, and to measure that would cost more: frames asked for all the time.
  const software = () => {
    const gl = document.createElement('canvas').getContext('webgl'), info = gl && gl.getExtension('WEBGL_debug_renderer_info');
    return !gl || /swiftshader|llvmpipe|software|basic render/i.test(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  };
  let drawn = performance.now(), worst = 0, told_ms = 0;
  const beatFrame = now => { worst = Math.max(worst, now - drawn); drawn = now; requestAnimationFrame(beatFrame); };
  const slow = software(), SLOW_S = 0.25;
  if (!slow) requestAnimationFrame(beatFrame);
  setInterval(() => {
    if (slow) { if (!told_ms && suite.role === ROLE.DRIVE) { told_ms = 1; say(SEND.pace(SLOW_S)); } }
    else if (!document.hidden && Math.abs(worst - told_ms) > 0.3 * told_ms + 20) { told_ms = worst; say(SEND.pace(Math.min(2, worst / 1000))); }
    worst = 0;
    document.querySelectorAll('.room-view [tabindex="0"]').forEach(one => { one.tabIndex = -1; });  // vtk.js's own stop: nothing to do there
  }, 1000);

  // --- gamepad ------------------------------------------------------------------------------------------------------------------
  let padHeld = '';
  setInterval(() => {
    const pad = [...(navigator.getGamepads ? navigator.getGamepads() : [])].find(Boolean);
    if (!pad || !inSuite()) return;
    const axis = i => Math.abs(pad.axes[i] || 0) > 0.2 ? Number(pad.axes[i].toFixed(1)) : 0;
    const what = { pedal: !!(pad.buttons[7] || {}).pressed };
    for (const [which, axes] of Object.entries(PAD)) what[which] = axes.map(one => one ? one[1] * axis(one[0]) + 0 : 0);
    const said = JSON.stringify(what);
    if (said !== padHeld) { padHeld = said; hold(what); }
  }, 50);

  // --- sound and voice ------------------------------------------------------------------------------------------------------------
  let audio = null, hum = null, gain = null, forceBefore = 0, gaveBefore = '', alarmBefore = false;
  suite.sound = on => {
    suite.muted = !on;
    if (on && !audio) {
      audio = new AudioContext(); hum = audio.createOscillator(); gain = audio.createGain();
      hum.type = 'triangle'; gain.gain.value = 0; hum.connect(gain).connect(audio.destination); hum.start();
    }
    if (audio) { if (on) audio.resume(); else audio.suspend(); }
  };
  function beep(frequency, seconds, volume) {
    if (suite.muted || !audio) return;
    const tone = audio.createOscillator(), level = audio.createGain();
    tone.frequency.value = frequency; level.gain.setValueAtTime(volume, audio.currentTime); level.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + seconds);
    tone.connect(level).connect(audio.destination); tone.start(); tone.stop(audio.currentTime + seconds);
  }
  const tick = header => { if (!header.held) beep(1800, 0.02, 0.03); };
  setInterval(() => {
    const seen = state();
    if (!seen.feel || suite.muted || !audio) return;
    const force = seen.feel.force_n || 0, stamp = JSON.stringify(seen.feel);
    if (force !== forceBefore) { hum.frequency.setTargetAtTime(90 + 45 * force, audio.currentTime, 0.02); gain.gain.setTargetAtTime(Math.min(0.12, force * 0.02), audio.currentTime, 0.02); gain.gain.setTargetAtTime(0, audio.currentTime + 0.25, 0.05); forceBefore = force; }
    if (seen.feel.gave && stamp !== gaveBefore) beep(220, 0.18, 0.2);
    gaveBefore = stamp;
    const alarm = !!(seen.readouts && seen.readouts.alarm);
    if (alarm && !alarmBefore) { beep(880, 0.5, 0.2); setTimeout(() => beep(880, 0.5, 0.2), 700); }
    alarmBefore = alarm;
  }, 60);
  suite.voice = on => { suite.speaking = on; };
  let spoken = 0;
  setInterval(() => {
    const words = (state().events || []).filter(item => item.kind === 'voice');
    if (words.length < spoken) spoken = 0;
    const fresh = words.slice(spoken); spoken = words.length;
    if (!suite.speaking || !window.speechSynthesis) return;
    const local = speechSynthesis.getVoices().find(voice => voice.localService && voice.lang.startsWith('en'));
    if (local) for (const item of fresh) { const said = new SpeechSynthesisUtterance(item.text); said.voice = local; speechSynthesis.speak(said); }
  }, 300);

  // Handlers that Python declares reach this script through trame's utilities.
  (function hook() { if (!window.trame) { setTimeout(hook, 5); return; } window.trame.utils.suite = Object.assign(suite, { say, act }); set('pedal_key', learnt()); set('pedal_learning', false);
    window.trame.addConnectListener(() => window.trame.client.onConnectionClose(() => { suite.untold = true; })); })();
  connect();
})();
