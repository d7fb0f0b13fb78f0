// What is cut off, or lies outside the window; lists and long texts may scroll within themselves.
() => {
  const scrolls = '.steps, .voice, .happened, .tab', width = document.documentElement.clientWidth;
  const shown = element => element.checkVisibility() && element.getClientRects().length > 0;
  const told = one => one.dataset.testid || one.getAttribute('aria-label') || one.className || one.textContent.trim();
  const cut = [...document.querySelectorAll('.panel')].filter(shown)
    .filter(one => one.scrollWidth > one.clientWidth + 1 || !one.matches(scrolls) && one.scrollHeight > one.clientHeight + 1);
  const controls = `.panel:not(${scrolls}) :is(button, select, input, output, meter)`;
  const out = [...document.querySelectorAll(`.banner, .banner *, .tour, .panel, ${controls}`)].filter(shown)
    .filter(one => { const box = one.getBoundingClientRect(); return box.left < -1 || box.top < -1 || box.right > width + 1 || box.bottom > innerHeight + 1; });
  const wide = document.documentElement.scrollWidth > width ? ['the window scrolls sideways'] : [];
  return [...wide, ...[...cut, ...out].map(told)];
}
