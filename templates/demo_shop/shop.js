// The cart: kept in this tab's sessionStorage as [{slug, sku, option, quantity, name, amount}]. What it shows is on the server's pages; name and
// amount are there for telling the chat what is in it, as a shop with an account for statistics does.
(() => {
  const KEY = 'moru-cart';
  const $ = (selector, from = document) => from.querySelector(selector);

  const read = () => {
    try {
      const lines = JSON.parse(sessionStorage.getItem(KEY)) || [];
      return lines.filter((line) => typeof line.slug === 'string' && line.option >= 0 && line.quantity > 0);
    } catch {
      // Storage refused or somebody else's text: an empty cart is better than a dead page.
      return [];
    }
  };

  const write = (lines) => {
    try {
      sessionStorage.setItem(KEY, JSON.stringify(lines.filter((line) => line.quantity > 0)));
    } catch {
      // Private windows may refuse; the page still works without a cart.
    }
    count();
    tell('cart.changed', worth(read()));
  };

  // Calls wait in a queue until the chat's script is there.
  const tell = (...event) => {
    window.stalk ||= function () {
      (window.stalk.q ||= []).push(arguments);
    };
    window.stalk('track', ...event);
  };

  const worth = (lines) => ({
    value: lines.reduce((sum, line) => sum + line.quantity * (line.amount || 0), 0),
    currency: lang === 'ko' ? 'KRW' : 'EUR',
    items: lines.map((line) => ({ id: line.sku || line.slug, name: line.name || line.slug, price: line.amount || 0, quantity: line.quantity })),
  });

  const count = () => {
    const total = read().reduce((sum, line) => sum + line.quantity, 0);
    const shown = $('[data-cart-count]');
    shown.textContent = total;
    shown.classList.toggle('some', total > 0);
  };

  const { lang, dataset } = document.documentElement;
  const money = (amount) => dataset.money.replace('{}', amount.toLocaleString(lang));

  const form = $('#buy');
  form?.addEventListener('submit', (event) => {
    event.preventDefault();
    const option = Number(new FormData(form).get('option'));
    const lines = read();
    const same = lines.find((line) => line.slug === form.dataset.slug && line.option === option);
    if (same) same.quantity = Math.min(same.quantity + 1, 99);
    else lines.push({ slug: form.dataset.slug, sku: form.dataset.sku, option, quantity: 1, name: form.dataset.name, amount: Number(form.dataset.amount) });
    write(lines);
    const added = $('.added', form);
    added.firstElementChild.textContent = added.dataset.added;
    added.lastElementChild.hidden = false;
    const bar = $('.buybar .button');
    bar.classList.add('done');
    setTimeout(() => bar.classList.remove('done'), 1200);
  });

  const row = (line, lines) => {
    const template = $(`template[data-product="${CSS.escape(line.slug)}"]`);
    if (!template) return null;
    const item = template.content.firstElementChild.cloneNode(true);
    item.querySelectorAll('[data-option]').forEach((option) => Number(option.dataset.option) !== line.option && option.remove());
    const amount = line.quantity * Number(template.dataset.amount);
    $('output', item).textContent = line.quantity;
    $('.price', item).textContent = money(amount);
    item.addEventListener('click', ({ target }) => {
      const step = Number(target.dataset?.step);
      if (!step) return;
      line.quantity = Math.min(line.quantity + step, 99);
      write(lines);
      const at = lines.indexOf(line);
      draw();
      // The row was drawn anew: keep the keyboard where it was.
      const again = $('[data-cart-lines]').children[at];
      (line.quantity ? $(`[data-step="${step}"]`, again) : $('[data-cart-lines] a, [data-cart-empty] a'))?.focus();
    });
    return { item, amount };
  };

  const draw = () => {
    const lines = read();
    const rows = lines.map((line) => row(line, lines)).filter(Boolean);
    $('[data-cart]').hidden = !rows.length;
    $('[data-cart-empty]').hidden = !!rows.length;
    $('[data-cart-lines]').replaceChildren(...rows.map(({ item }) => item));
    const terms = $('[data-delivery]').dataset;
    const items = rows.reduce((sum, { amount }) => sum + amount, 0);
    const delivery = items >= Number(terms.freeFrom) ? 0 : Number(terms.delivery);
    $('[data-sum="items"]').textContent = money(items);
    $('[data-sum="delivery"]').textContent = delivery ? money(delivery) : terms.free;
    $('[data-sum="total"]').textContent = money(items + delivery);
  };

  $('[data-order]')?.addEventListener('click', () => {
    const lines = read();
    if (!lines.length) return;
    tell('order.placed', { order_id: 'demo-' + Date.now().toString(36) + Math.random().toString(36).slice(2, 6), ...worth(lines) });
    write([]);
    draw();
    $('[data-ordered]').hidden = false;
  });

  count();
  if ($('[data-cart]')) draw();
})();
