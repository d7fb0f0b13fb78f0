// What a reader with poor sight, or with a screen reader, would trip over on the page as it stands. Contrast as WCAG 2 defines it.
() => {
  const parsed = colour => { const found = colour.match(/[\d.]+/g).map(Number); return [...found.slice(0, 3), found.length > 3 ? found[3] : 1]; };
  const over = (top, under) => [0, 1, 2].map(i => top[i] * top[3] + under[i] * (1 - top[3]));
  const light = colour => { const [r, g, b] = colour.map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const ratio = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + 0.05) / (y + 0.05); };
  const ground = element => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) { const colour = parsed(getComputedStyle(at).backgroundColor); if (colour[3] > 0) layers.push(colour); if (colour[3] === 1) break; }
    return layers.reverse().reduce((under, top) => over(top, under), [255, 255, 255]);
  };
  const shown = element => element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && element.getClientRects().length > 0;
  const told = element => `${element.tagName.toLowerCase()} ${element.dataset.testid || element.className} "${(element.textContent || '').trim().slice(0, 40)}"`;
  const off = element => element.closest(':disabled, [aria-hidden=true]');
  const found = [];

  const all = [...document.querySelectorAll('.page *')].filter(shown);
  let texts = 0;
  for (const element of all) {
    const own = [...element.childNodes].some(node => node.nodeType === 3 && node.textContent.trim());
    if (!own && !['SELECT', 'INPUT'].includes(element.tagName) || element.tagName === 'OPTION' || off(element) || element.closest('svg, .guide, style')) continue;
    if (element.tagName === 'INPUT' && !['number', 'text'].includes(element.type)) continue;
    texts += 1;
    const style = getComputedStyle(element), behind = ground(element), size = parseFloat(style.fontSize);
    const large = size >= 24 || size >= 18.66 && Number(style.fontWeight) >= 700;
    const value = ratio(over(parsed(style.color), behind), behind);
    if (value < (large ? 3 : 4.5)) found.push(`contrast ${value.toFixed(2)}: ${told(element)}`);
  }
  for (const element of all.filter(one => one.matches('button, select, input[type=number], input[type=text]') && !off(one))) {
    const outside = ground(element.parentElement), style = getComputedStyle(element);
    const edge = Math.max(ratio(over(parsed(style.borderTopColor), outside), outside), ratio(ground(element), outside));
    if (edge < 3) found.push(`edge ${edge.toFixed(2)}: ${told(element)}`);
  }
  const named = element => {
    const by = (element.getAttribute('aria-labelledby') || '').split(' ').map(id => id && document.getElementById(id)).filter(Boolean).map(one => one.textContent).join(' ');
    const label = element.labels ? [...element.labels].map(one => one.textContent).join(' ') : '';
    const inside = ['INPUT', 'SELECT', 'METER'].includes(element.tagName) ? '' : element.textContent;
    return (element.getAttribute('aria-label') || by || label || element.title || inside || '').trim();
  };
  for (const element of all.filter(one => one.matches('button, a, input, select, meter, summary, section, [role]:not([role=status], [role=alert]), [tabindex="0"]')))
    if (!named(element)) found.push(`no name: ${told(element)}`);
  for (const image of all.filter(one => one.tagName === 'IMG')) if (!image.alt) found.push(`no alt: ${told(image)}`);
  if (!document.documentElement.lang) found.push('no language');
  return { found, texts };
}
