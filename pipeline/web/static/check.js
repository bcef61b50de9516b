// The page on which a workbook is dropped and its findings appear.
import { about, asked, bar, heads, made, points } from "./made.js";

const drop = document.getElementById("drop");
const file = document.getElementById("file");
const status = document.getElementById("status");
const result = document.getElementById("result");
const LONG = 140;
const TONES = { error: "bad", warning: "doubt", info: "calm" };

const program = about();
program.catch((error) => say(error.message, "bad"));
let addresses = [];
let asking = null;

file.addEventListener("change", () => take(file.files));
drop.addEventListener("submit", (event) => event.preventDefault());
// The whole window takes a file: one that misses the zone must not replace the page.
for (const name of ["dragenter", "dragover"]) {
  addEventListener(name, (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
}
addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) {
    drop.classList.remove("over");
  }
});
addEventListener("drop", (event) => {
  event.preventDefault();
  drop.classList.remove("over");
  take(event.dataTransfer.files);
});

function say(text, tone = "") {
  status.dataset.tone = tone;
  status.textContent = text;
}

async function take(files) {
  const [chosen] = files;
  if (!chosen) {
    return;
  }
  asking?.abort();
  const mine = (asking = new AbortController());
  clear();
  if (files.length > 1) {
    say("请一次检查一份报表。", "bad");
    return;
  }
  document.body.classList.add("busy");
  say(`正在检查“${chosen.name}”……`, "busy");
  try {
    const { most } = await program;
    if (chosen.size > most) {
      throw new Error(`文件超过 ${most / 2 ** 20} MB；请删去图片等附带内容后再检查。`);
    }
    const told = await asked("/check", {
      method: "POST",
      headers: { "X-File-Name": encodeURIComponent(chosen.name), "Content-Type": "application/octet-stream" },
      body: chosen,
      signal: mine.signal,
    });
    if (mine === asking) {
      show(told);
    }
  } catch (error) {
    if (mine === asking) {
      say(error.message, "bad");
    }
  } finally {
    if (mine === asking) {
      document.body.classList.remove("busy");
      file.value = "";
    }
  }
}

function clear() {
  addresses.forEach((each) => URL.revokeObjectURL(each));
  addresses = [];
  result.hidden = true;
  result.replaceChildren();
}

function show(told) {
  if (told.reason) {
    say(`“${told.source_file}”不能作为${told.year}年度的报表读取：${told.reason}。`, "bad");
    return;
  }
  const total = told.parts.at(-1);
  const grade = told.grade + (told.provisional ? "（暂定）" : "");
  say(`检查完成：${points(total.points)} 分，${grade}；${counted(told)}。`, told.fit ? "good" : "bad");
  result.replaceChildren(verdict(told, total), ...first(told), ...all(told), indicators(told));
  result.hidden = false;
  document.body.classList.add("shown");
}

const counted = ({ counts }) => `错误 ${counts.error} 处，提醒 ${counts.warning} 处，提示 ${counts.info} 处`;

// ------------------------------------------------------------------ the result at the top

function verdict(told, total) {
  const self = total.self_points === null ? "自评总分未填" : `自评 ${total.self_points} 分，${told.self_grade}`;
  const open = `有 ${points(total.unjudged)} 分待定，全部得到则为“${told.possible}”。`;
  return made(
    "section",
    { class: "card verdict", "aria-labelledby": "department" },
    made("div", { class: "who" }, made("h2", { id: "department" }, told.department), made("p", { class: "faint" }, told.source_file)),
    made(
      "div",
      { class: "points" },
      made("p", { class: "big" }, points(total.points), made("span", { class: "unit" }, " / 100 分")),
      made("p", {}, made("span", { class: "grade" }, told.grade), told.provisional && made("span", { class: "provisional" }, "暂定"), made("span", { class: "faint" }, self)),
      told.provisional && made("p", { class: "faint" }, open),
    ),
    made("ul", { class: "counts", "aria-label": "问题数" }, count(told, "error", "错误"), count(told, "warning", "提醒"), count(told, "info", "提示")),
    parts(told),
    made("div", { class: "take" }, made("p", { class: "conclusion" }, conclusion(told)), downloads(told)),
  );
}

const count = ({ counts }, severity, word) =>
  made("li", { "data-tone": counts[severity] ? TONES[severity] : "none" }, made("strong", {}, String(counts[severity])), ` ${word}`);

function conclusion({ fit, counts }) {
  if (!fit) {
    return `有 ${counts.error} 处错误，请改正后再报送。`;
  }
  return counts.warning ? `没有错误，可以报送；请先核对 ${counts.warning} 处提醒。` : "没有错误，可以报送。";
}

function parts({ parts: rows }) {
  const row = (part) => {
    const open = [part.unreported && `未填报 ${points(part.unreported)}`, part.unjudged && `待定 ${points(part.unjudged)}`];
    return made(
      "tr",
      {},
      made("th", { scope: "row" }, part.label),
      made("td", { class: "wide" }, bar(part.points / part.weight, "own")),
      made("td", { class: "number" }, made("strong", {}, points(part.points)), made("span", { class: "faint" }, ` / ${part.weight}`)),
      made("td", { class: "number" }, part.self_points === null ? "未填" : String(part.self_points)),
      made("td", { class: "open" }, open.filter(Boolean).join("，")),
    );
  };
  return made(
    "table",
    { class: "parts" },
    made("caption", { class: "unseen" }, "各部分目前的得分、自评得分，以及未填报和待定的分值"),
    heads(["评分项"], [made("span", { class: "unseen" }, "得分占分值"), "wide"], ["得分 / 分值", "number"], ["自评", "number"], ["未计分", "open"]),
    made("tbody", {}, rows.map(row)),
  );
}

function downloads({ books }) {
  const link = ({ what, name, content }, at) => {
    const bytes = Uint8Array.from(atob(content), (mark) => mark.charCodeAt(0));
    const type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    addresses[at] = URL.createObjectURL(new Blob([bytes], { type }));
    return made("a", { class: at ? "button plain" : "button", href: addresses[at], download: name }, `下载${what}`);
  };
  return made("p", { class: "downloads" }, books.map(link));
}

// ------------------------------------------------------------------ what to correct

function first({ faults, first: places, counts }) {
  if (!places.length) {
    return [];
  }
  const title = counts.error ? "先改这些" : "先核对这些";
  const item = (at) =>
    made(
      "li",
      {},
      made("a", { href: `#f${at}` }, where(faults[at], { sheet: true })),
      made("p", {}, long(faults[at].message)),
      made("p", { class: "remedy" }, faults[at].remedy),
    );
  return [made("section", { class: "card", "aria-labelledby": "first" }, made("h2", { id: "first" }, title), made("ol", { class: "first" }, places.map(item)))];
}

/** Says where a finding stands: its sheet, cells and what the form calls them. */
function where(fault, { sheet = false } = {}) {
  const cells = fault.cells || (sheet && !fault.sheet ? "整个文件" : "");
  return [sheet && fault.sheet ? `${fault.sheet} ` : "", cells && made("span", { class: "cell" }, cells), fault.label && made("span", { class: "label" }, fault.label)];
}

function all(told) {
  if (!told.faults.length) {
    return [made("section", { class: "card" }, made("h2", {}, "没有发现问题"))];
  }
  const kinds = { error: "错误", warning: "提醒", info: "提示", trial: "试行" };
  const list = made("section", { class: "card", "aria-labelledby": "all" }, made("h2", { id: "all" }, "全部问题"));
  const kind = (fault) => (fault.standing ? "trial" : fault.severity);
  const there = Object.entries(kinds).filter(([name]) => told.faults.some((fault) => kind(fault) === name));
  const items = told.sheets.map(({ name, faults }, number) => sheetOf(name, number, faults.map((at) => ({ at, fault: told.faults[at], kind: kind(told.faults[at]) }))));
  const choose = (wanted) => {
    for (const section of items) {
      const shown = [...section.querySelectorAll("li[data-kind]")].filter((item) => {
        item.hidden = wanted !== "" && item.dataset.kind !== wanted;
        return !item.hidden;
      });
      section.hidden = !shown.length;
    }
  };
  const choice = ([name, word], at) => {
    const input = made("input", { type: "radio", name: "kind", value: name, checked: at === 0 });
    input.addEventListener("change", () => choose(name));
    return made("label", {}, input, made("span", {}, word));
  };
  if (there.length > 1) {
    list.append(made("fieldset", { class: "kinds" }, made("legend", { class: "unseen" }, "只看一种"), [["", "全部"], ...there].map(choice)));
  }
  list.append(...items);
  if (told.trial) {
    list.append(made("p", { class: "faint" }, "“试行”是新规则的提示，供参考，不计入个数。"));
  }
  // A link to a finding shows it, whatever was chosen before.
  addEventListener("hashchange", () => {
    const target = document.getElementById(location.hash.slice(1));
    if (target?.hidden) {
      list.querySelector("input").click();
      target.scrollIntoView();
    }
  });
  return [list];
}

function sheetOf(name, number, faults) {
  const id = `sheet${number}`;
  return made(
    "section",
    { class: "sheet", "aria-labelledby": id },
    made("h3", { id }, name, made("span", { class: "faint" }, ` ${faults.length} 项`)),
    made("ul", { class: "faults" }, faults.map(({ at, fault, kind }) => item(at, fault, kind))),
  );
}

function item(at, fault, kind) {
  const held = [["填写", fault.stated], ["应为", fault.expected]].filter(([, text]) => text);
  return made(
    "li",
    { id: `f${at}`, "data-kind": kind, "data-tone": fault.standing ? "none" : TONES[fault.severity], tabindex: "-1" },
    made("p", { class: "where" }, made("span", { class: "tag" }, fault.word), where(fault)),
    made("p", { class: "message" }, long(fault.message)),
    held.length ? made("dl", { class: "held" }, held.map(([word, text]) => made("div", {}, made("dt", {}, word), made("dd", {}, long(text))))) : null,
    made("p", { class: "remedy" }, fault.remedy),
  );
}

/** Shows the beginning of a long text, and the rest when asked. */
function long(text) {
  if (text.length <= LONG) {
    return text;
  }
  const shown = made("span", {}, `${text.slice(0, LONG)}……`);
  const button = made("button", { type: "button", class: "more", "aria-expanded": "false" }, "全文");
  button.addEventListener("click", () => {
    const open = button.getAttribute("aria-expanded") === "false";
    shown.textContent = open ? text : `${text.slice(0, LONG)}……`;
    button.setAttribute("aria-expanded", String(open));
    button.textContent = open ? "收起" : "全文";
  });
  return [shown, button];
}

// ------------------------------------------------------------------ the indicators

function indicators({ indicators: rows }) {
  if (!rows.length) {
    return made("div");
  }
  const states = { 完成: "good", 部分完成: "doubt", 定性: "calm", 未填报: "bad", 待定: "doubt" };
  const row = (each) =>
    made(
      "tr",
      {},
      made("th", { scope: "row" }, made("span", { class: "cell" }, each.cell), " ", long(each.name)),
      made("td", {}, made("span", { class: "tag", "data-tone": states[each.state] }, each.state)),
      made("td", { class: "number" }, made("strong", {}, points(each.points)), made("span", { class: "faint" }, ` / ${points(each.weight)}`)),
      made("td", { class: "why" }, long(each.explanation)),
    );
  return made(
    "details",
    { class: "card" },
    made("summary", {}, made("h2", {}, "每个指标怎样得分"), made("span", { class: "faint" }, ` ${rows.length} 个指标`)),
    made(
      "table",
      { class: "indicators" },
      made("caption", { class: "unseen" }, "各三级指标的判定、得分和理由"),
      heads(["指标"], ["判定"], ["得分 / 分值", "number"], ["怎样算的", "why"]),
      made("tbody", {}, rows.map(row)),
    ),
  );
}
