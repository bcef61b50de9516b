// How the pages make what they show. What a department wrote only ever becomes text: nothing here parses markup.

/**
 * Makes an element: `made("p", { class: "lead" }, "text", child)`. A property that is false, null or undefined is left
 * out; one that is true is written bare.
 */
export function made(tag, properties = {}, ...children) {
  return filled(document.createElement(tag), properties, children);
}

/** Makes an element of a picture, likewise. */
export function drawn(tag, properties = {}, ...children) {
  return filled(document.createElementNS("http://www.w3.org/2000/svg", tag), properties, children);
}

function filled(element, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(name, value === true ? "" : value);
    }
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Writes points to the cent. */
export const points = (value) => value.toFixed(2);

/** Writes an amount of 万元, with what parts the thousands; a minus sign is a minus sign. */
export const money = (value) => signed(value, 2, "");

/** Writes a share in percent. */
export const share = (value) => `${(100 * value).toFixed(1)}%`.replace("-", "−");

/** Writes a change with its sign. */
export const signed = (value, decimals = 2, plus = "+") => {
  const text = Math.abs(value).toLocaleString("en", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  return `${/[1-9]/.test(text) ? (value > 0 ? plus : "−") : ""}${text}`;
};

/** Links to the page of a department. */
export const toDepartment = (name, text = name) =>
  made("a", { href: `/department?name=${encodeURIComponent(name)}` }, text);

/** Draws a share of a whole, from 0 to 1, as a bar that only eyes need. */
export function bar(share, tone) {
  const inside = made("span", { class: "bar-inside", "data-tone": tone });
  inside.style.inlineSize = `${100 * Math.min(1, Math.max(0, share))}%`;
  return made("span", { class: "bar", "aria-hidden": "true" }, inside);
}

/** Makes the head of a table; each column is its words and, where it has one, its class. */
export function heads(...columns) {
  const head = ([text, look]) => made("th", { scope: "col", class: look }, text);
  return made("thead", {}, made("tr", {}, columns.map(head)));
}

/** Makes a row of choices, the first of them chosen; `choose` is told the value of each that is chosen later. */
export function choices(legend, name, options, choose) {
  const option = ([value, word], at) => {
    const input = made("input", { type: "radio", name, value, checked: at === 0 });
    input.addEventListener("change", () => choose(value));
    return made("label", {}, input, made("span", {}, word));
  };
  return made("fieldset", { class: "choices" }, made("legend", { class: "unseen" }, legend), options.map(option));
}

/** Makes a part of the page with its heading. */
export function card(id, title, ...children) {
  return made("section", { class: `card ${id}`, "aria-labelledby": id }, made("h2", { id }, title), ...children);
}

/** Makes a table: what it is for screen readers, its heads and its rows. */
export function table(look, caption, columns, rows) {
  const told = made("caption", { class: "unseen" }, caption);
  return made("table", { class: look }, told, heads(...columns), made("tbody", {}, rows));
}

/** Something that stands in the way, in words for whoever looks at the page. */
export class Said extends Error {}

/** Gives the words for whatever went wrong; a mistake of this page's own goes to the console too. */
export function words(error) {
  if (error instanceof Said) {
    return error.message;
  }
  console.error(error);
  return "本页出错了。请刷新后再试；仍然如此的，请告诉信息技术人员。";
}

/** Fetches JSON of this page's own; throws what can be `Said`. */
export async function asked(path, options = {}) {
  let answer;
  try {
    answer = await fetch(path, options);
  } catch {
    throw new Said("连不上程序。请看看它是否还在运行，再试一次。");
  }
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) {
    throw new Said(told.reason ?? "程序出错，没有完成。请告诉信息技术人员。");
  }
  return told;
}

/** Writes year and legend where the page has a place for them, and gives what the program says of itself. */
export async function about() {
  const told = await asked("/about.json");
  for (const place of document.querySelectorAll("[data-year]")) {
    place.textContent = `${told.year}年度`;
  }
  for (const place of document.querySelectorAll("[data-legend]")) {
    const item = ([role, meaning]) => made("li", {}, made("span", { class: "mark", "data-role": role }), meaning);
    place.replaceChildren(...told.legend.map(item));
  }
  return told;
}
