// The page on which a workbook is dropped and its findings appear.
import { about, asked, bar, choices, heads, made, points, Said, words } from "./made.js";

const drop = document.getElementById("drop");
const file = document.getElementById("file");
const status = document.getElementById("status");
const result = document.getElementById("result");
const LONG = 140;
const TONES = { error: "bad", warning: "doubt", info: "calm" };

const program = about();
program.catch((error) => say(words(error), "bad"));
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
      throw new Said(`文件超过 ${most / 2 ** 20} MB；请删去图片等附带内容后再检查。`);
    }
    const sent = {
      method: "POST",
      headers: { "X-File-Name": encodeURIComponent(chosen.name), "Content-Type": "application/octet-stream" },
      body: chosen,
      signal: mine.signal,
    };
    const report = await asked("/check", sent);
    if (mine === asking) {
      show(report);
      fillDownloads(await asked("/workbooks", sent), mine);
    }
  } catch (error) {
    if (mine === asking) {
      say(words(error), "bad");
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

function show(report) {
  if (report.reason) {
    say(`“${report.source_file}”不能作为${report.year}年度的报表读取：${report.reason}。`, "bad");
    return;
  }
  const total = report.scores.at(-1);
  const grade = report.grade + (report.provisional ? "（暂定）" : "");
  say(`${conclusion(report)}目前 ${points(total.points)} 分，${grade}。`, report.fit ? "good" : "bad");
  const sections = [verdict(report, total), first(report), all(report), indicators(report)];
  result.replaceChildren(...sections.filter(Boolean));
  result.hidden = false;
  document.body.classList.add("shown");
}

function conclusion({ fit, counts, problems }) {
  if (!fit) {
    return `有 ${counts.error} 处错误，请改正后再报送。`;
  }
  if (counts.warning) {
    return `没有错误，可以报送；请先核对 ${counts.warning} 处提醒。`;
  }
  return problems.length ? "没有错误，可以报送。" : "没有发现问题，可以报送。";
}

// ------------------------------------------------------------------ the result at the top

function verdict(report, total) {
  const self = total.self_points === null ? "自评总分未填" : `自评 ${total.self_points} 分，${report.self_grade}`;
  const open = `有 ${points(total.unjudged)} 分待定，全部得到则为“${report.possible}”。`;
  const who = [made("h2", { id: "department" }, report.department), made("p", { class: "faint" }, report.source_file)];
  const grade = [
    made("span", { class: "grade" }, report.grade),
    report.provisional && made("span", { class: "provisional" }, "暂定"),
    made("span", { class: "faint" }, self),
  ];
  const words = [["error", "错误"], ["warning", "提醒"], ["info", "提示"]];
  return made(
    "section",
    { class: "card verdict", "aria-labelledby": "department" },
    made("div", { class: "who" }, who),
    made(
      "div",
      { class: "points" },
      made("p", { class: "big" }, points(total.points), made("span", { class: "unit" }, ` / ${total.weight} 分`)),
      made("p", {}, grade),
      report.provisional && made("p", { class: "faint" }, open),
    ),
    made("ul", { class: "counts", "aria-label": "问题数" }, words.map(([severity, word]) => count(report, severity, word))),
    scores(report),
    made("p", { class: "downloads" }, made("span", { class: "faint" }, "正在写出可以下载的工作簿……")),
  );
}

function count({ counts }, severity, word) {
  const number = made("strong", {}, String(counts[severity]));
  return made("li", { "data-tone": counts[severity] ? TONES[severity] : "none" }, number, ` ${word}`);
}

function scores({ scores: rows }) {
  const row = (part) => {
    const open = [["未填报", part.unreported], ["待定", part.unjudged]].filter(([, weight]) => weight);
    return made(
      "tr",
      {},
      made("th", { scope: "row" }, part.label),
      made("td", { class: "wide" }, bar(part.points / part.weight, "own")),
      made("td", { class: "number" }, ...of(part.points, String(part.weight))),
      made("td", { class: "number" }, part.self_points === null ? "未填" : String(part.self_points)),
      made("td", { class: "open" }, open.map(([word, weight]) => made("span", {}, `${word} ${points(weight)} `))),
    );
  };
  const share = made("span", { class: "unseen" }, "得分占分值");
  return made(
    "table",
    { class: "parts" },
    made("caption", { class: "unseen" }, "各部分目前的得分、自评得分，以及未填报和待定的分值"),
    heads(["评分项"], [share, "wide"], ["得分 / 分值", "number"], ["自评", "number"], ["没有计分的"]),
    made("tbody", {}, rows.map(row)),
  );
}

/** Writes points and, fainter, what they are points of. */
const of = (value, whole) => [made("strong", {}, points(value)), made("span", { class: "faint" }, ` / ${whole}`)];

/** Offers the workbooks about the form, which are written while the findings are read already. */
function fillDownloads(books, mine) {
  if (mine !== asking || result.hidden) {
    return;
  }
  const link = ({ what, name, content }, at) => {
    const bytes = Uint8Array.from(atob(content), (mark) => mark.charCodeAt(0));
    const type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    addresses[at] = URL.createObjectURL(new Blob([bytes], { type }));
    return made("a", { class: at ? "button plain" : "button", href: addresses[at], download: name }, `下载${what}`);
  };
  result.querySelector(".downloads").replaceChildren(...books.map(link));
}

// ------------------------------------------------------------------ what to correct

function first({ problems, first: places, counts }) {
  if (!places.length) {
    return null;
  }
  const item = (at) => {
    const link = made("a", { href: `#f${at}` }, where(problems[at]));
    link.addEventListener("click", () => reveal(at));
    const sheet = made("span", { class: "faint" }, problems[at].sheet || "整个文件");
    const message = made("p", {}, long(problems[at].message));
    return made("li", {}, link, sheet, message, made("p", { class: "remedy" }, problems[at].remedy));
  };
  return made(
    "section",
    { class: "card", "aria-labelledby": "first" },
    made("h2", { id: "first" }, counts.error ? "先改这些" : "先核对这些"),
    made("ol", { class: "first" }, places.map(item)),
  );
}

/** Shows a finding that a choice has hidden. */
function reveal(at) {
  if (document.getElementById(`f${at}`).hidden) {
    document.querySelector(".choices input").click();
  }
}

/** Says where on its sheet a finding stands, and what the form calls the place. */
const where = ({ cells, label }) => [
  cells && made("span", { class: "cell" }, cells),
  label && made("span", { class: "label" }, label),
];

function all({ problems, sheets, trial }) {
  if (!problems.length) {
    return null;
  }
  const kind = (problem) => (problem.standing ? "trial" : problem.severity);
  const kinds = { error: "错误", warning: "提醒", info: "提示", trial: "试行" };
  const there = Object.entries(kinds).filter(([name]) => problems.some((problem) => kind(problem) === name));
  const sections = sheets.map(({ name, problems: places }, number) =>
    sheetOf(name, number, places.map((at) => item(at, problems[at], kind(problems[at])))),
  );
  const choose = (wanted) => {
    for (const section of sections) {
      const items = [...section.querySelectorAll("li[data-kind]")];
      items.forEach((each) => (each.hidden = wanted !== "" && each.dataset.kind !== wanted));
      section.hidden = items.every((each) => each.hidden);
    }
  };
  return made(
    "section",
    { class: "card", "aria-labelledby": "all" },
    made("h2", { id: "all" }, "全部问题"),
    there.length > 1 && choices("只看一种问题", "kind", [["", "全部"], ...there], choose),
    sections,
    trial > 0 && made("p", { class: "faint note" }, "“试行”是新规则的提示，供参考，不计入个数。"),
  );
}

function sheetOf(name, number, items) {
  const id = `sheet${number}`;
  return made(
    "section",
    { class: "sheet", "aria-labelledby": id },
    made("h3", { id }, name, made("span", { class: "faint" }, ` ${items.length} 项`)),
    made("ul", { class: "problems" }, items),
  );
}

function item(at, problem, kind) {
  const pairs = [["填写", problem.stated], ["应填或参考", problem.expected]].filter(([, text]) => text);
  const held = pairs.map(([word, text]) => made("div", {}, made("dt", {}, word), made("dd", {}, text)));
  const tone = problem.standing ? "none" : TONES[problem.severity];
  return made(
    "li",
    { id: `f${at}`, "data-kind": kind, "data-tone": tone, tabindex: "-1" },
    made("p", { class: "where" }, made("span", { class: "tag" }, problem.word), where(problem)),
    made("p", { class: "message" }, long(problem.message)),
    held.length > 0 && made("dl", { class: "held" }, held),
    made("p", { class: "remedy" }, problem.remedy),
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
    return null;
  }
  const states = { 完成: "good", 部分完成: "doubt", 定性: "calm", 未填报: "bad", 待定: "doubt" };
  const row = (each) =>
    made(
      "tr",
      {},
      made("th", { scope: "row" }, made("span", { class: "cell" }, each.cell), " ", long(each.name)),
      made("td", {}, made("span", { class: "tag", "data-tone": states[each.state] }, each.state)),
      made("td", { class: "number" }, ...of(each.points, points(each.weight))),
      made("td", { class: "why" }, long(each.explanation)),
    );
  return made(
    "details",
    { class: "card" },
    made("summary", {}, made("h2", {}, "每个指标怎样得分"), made("span", { class: "faint" }, ` ${rows.length} 个`)),
    made(
      "table",
      { class: "indicators" },
      made("caption", { class: "unseen" }, "各三级指标的判定、得分和理由"),
      heads(["指标"], ["判定"], ["得分 / 分值", "number"], ["怎样算的", "why"]),
      made("tbody", {}, rows.map(row)),
    ),
  );
}
