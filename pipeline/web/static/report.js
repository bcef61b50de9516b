// The report on one department: its points and how they came about, and what is to be corrected.
import { bar, choices, made, money, points, share, table } from "./made.js";

const LONG = 140;
const SHORT = 60;
const TONES = { error: "bad", warning: "doubt", info: "calm" };
const STATES = { 完成: "good", 部分完成: "doubt", 定性: "calm", 未填报: "bad", 待定: "doubt" };
const KINDS = { error: "错误", warning: "提醒", info: "提示", 试行: "试行", 不计: "不计", 由此产生: "由此产生" };

/** Makes the parts of a report; `under` stands below the points, `open` unfolds each criterion. */
export function reportParts(report, under = null, open = false) {
  return [verdict(report, under), first(report), all(report), way(report, open), years(report)].filter(Boolean);
}

// ------------------------------------------------------------------ the result at the top

function verdict(report, under) {
  const total = report.scores.at(-1);
  const self = total.self_points === null ? "自评总分未填" : `自评 ${points(total.self_points)} 分，${report.self_grade}`;
  const open = `有 ${points(total.unjudged)} 分待定，全部得到则为“${report.possible}”。`;
  const who = [made("h2", { id: "department" }, report.department), made("p", { class: "faint" }, report.source_file)];
  const grade = [
    made("span", { class: "grade" }, report.grade),
    report.provisional && made("span", { class: "provisional" }, "暂定"),
    made("span", { class: "filed" }, self),
  ];
  const reviewed =
    report.reviewed_points !== null &&
    made("p", { class: "reviewed" }, `复核后 ${points(report.reviewed_points)} 分，${report.reviewed_grade}`);
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
      reviewed,
      report.provisional && made("p", { class: "faint" }, open),
    ),
    made("ul", { class: "counts", "aria-label": "问题数" }, words.map(([severity, word]) => count(report, severity, word))),
    scores(report),
    under,
  );
}

function count({ counts }, severity, word) {
  const number = made("strong", {}, String(counts[severity]));
  return made("li", { "data-tone": counts[severity] ? TONES[severity] : "none" }, number, ` ${word}`);
}

function scores({ scores: rows }) {
  const reviewed = rows.some((part) => part.reviewed_points !== null);
  const row = (part) => {
    const open = [["未填报", part.unreported], ["待定", part.unjudged]].filter(([, weight]) => weight);
    return made(
      "tr",
      {},
      made("th", { scope: "row" }, part.label),
      made("td", { class: "wide" }, bar(part.points / part.weight, "own")),
      made("td", { class: "number" }, ...of(part.points, String(part.weight))),
      made("td", { class: "number filed" }, part.self_points === null ? "未填" : points(part.self_points)),
      reviewed &&
        made("td", { class: "number reviewed" }, part.reviewed_points === null ? "" : points(part.reviewed_points)),
      made("td", { class: "open" }, open.map(([word, weight]) => made("span", {}, `${word} ${points(weight)} `))),
    );
  };
  const bars = made("span", { class: "unseen" }, "得分占分值");
  return table(
    "parts",
    "各部分目前的得分、自评得分，以及未填报和待定的分值",
    [
      ["评分项"],
      [bars, "wide"],
      ["得分 / 分值", "number"],
      ["自评", "number"],
      reviewed && ["复核后", "number"],
      ["没有计分的"],
    ].filter(Boolean),
    rows.map(row),
  );
}

/** Writes points and, fainter, what they are points of. */
const of = (value, whole) => [made("strong", {}, points(value)), made("span", { class: "faint" }, ` / ${whole}`)];

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
    document.querySelector("#all ~ .choices input").click();
  }
}

/** Says where on its sheet a finding stands, and what the form calls the place. */
export const where = ({ cells, label }) => [
  cells && made("span", { class: "cell" }, cells),
  label && made("span", { class: "label" }, label),
];

function all({ problems, sheets, trial }) {
  if (!problems.length) {
    return null;
  }
  const kind = (problem) => problem.standing || problem.severity;
  const alone = (at) => problems[at].follows_from === null;
  const there = Object.entries(KINDS).filter(([name]) => problems.some((each, at) => alone(at) && kind(each) === name));
  const sections = sheets
    .map(({ name, problems: places }) => [name, places.filter(alone)])
    .filter(([, places]) => places.length)
    .map(([name, places], number) =>
      sheetOf(name, number, places.map((at) => item(at, problems, kind(problems[at])))),
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

function item(at, problems, kind) {
  const problem = problems[at];
  const tone = problem.standing ? "none" : TONES[problem.severity];
  return made(
    "li",
    { id: `f${at}`, "data-kind": kind, "data-tone": tone, tabindex: "-1" },
    made("p", { class: "where" }, made("span", { class: "tag" }, problem.word), where(problem)),
    made("p", { class: "message" }, long(problem.message)),
    held(problem),
    made("p", { class: "remedy" }, problem.remedy),
    following(at, problems),
  );
}

/** Draws what follows of a wrong figure beneath it: it goes when the figure is corrected. */
function following(at, problems) {
  const found = problems.map((each, number) => [each, number]).filter(([each]) => each.follows_from === at);
  if (!found.length) {
    return null;
  }
  const item = ([problem, number]) =>
    made(
      "li",
      { id: `f${number}`, tabindex: "-1" },
      made("p", { class: "where" }, where(problem)),
      made("p", { class: "message" }, long(problem.message)),
    );
  const told = `由此产生的 ${found.length} 处，改正上面一处后随之消除`;
  return made("div", { class: "following" }, made("p", { class: "faint" }, told), made("ul", {}, found.map(item)));
}

function held(problem) {
  const pairs = [["填写", problem.stated], ["应填或参考", problem.expected]].filter(([, text]) => text);
  const shown = pairs.map(([word, text]) => made("div", {}, made("dt", {}, word), made("dd", {}, text)));
  return shown.length > 0 && made("dl", { class: "held" }, shown);
}

/** Shows the beginning of a long text, and the rest when asked. */
export function long(text) {
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

const short = (text) => (text.length <= SHORT ? text : `${text.slice(0, SHORT)}……`);

// ------------------------------------------------------------------ how each point came about

function way({ scores: parts, indicators }, open) {
  const sections = parts
    .map((part) => [part, indicators.filter((row) => row.criterion === part.name)])
    .filter(([part, rows]) => rows.length || part.before.length || part.after.length)
    .map(([part, rows]) => criterion(part, rows, open));
  const fold = made("button", { type: "button", class: "button plain fold" }, "全部展开");
  const told = made("section", { class: "card", "aria-labelledby": "way" }, made("h2", { id: "way" }, "每一分怎样得来"));
  fold.addEventListener("click", () => {
    const every = [...told.querySelectorAll("details")];
    const closed = every.some((each) => !each.open);
    every.forEach((each) => (each.open = closed));
    fold.textContent = closed ? "全部收起" : "全部展开";
  });
  told.append(fold, ...sections);
  return told;
}

function criterion(part, rows, open) {
  const line = (text) => made("li", {}, long(text));
  return made(
    "details",
    { class: "way", open },
    made(
      "summary",
      {},
      made("h3", {}, part.label),
      made("span", { class: "computed" }, ...of(part.points, points(part.weight))),
      made("span", { class: "filed" }, part.self_points === null ? "自评未填" : `自评 ${points(part.self_points)}`),
      part.reviewed_points !== null && made("span", { class: "reviewed" }, `复核后 ${points(part.reviewed_points)}`),
      part.unreported > 0 && made("span", { class: "asked" }, `未填报 ${points(part.unreported)}`),
      part.unjudged > 0 && made("span", { class: "asked" }, `待定 ${points(part.unjudged)}`),
    ),
    made("ul", { class: "lines" }, part.before.map(line)),
    rows.map(indicator),
    made("ul", { class: "lines" }, part.after.map(line)),
  );
}

function indicator(row) {
  const filed = [["目标", row.target], ["实际", row.actual]].map(([word, text]) =>
    made("div", {}, made("dt", {}, word), made("dd", { class: "filed" }, text ? long(text) : "（空白）")),
  );
  return made(
    "details",
    { class: "row" },
    made(
      "summary",
      {},
      made("span", { class: "cell" }, row.cell),
      made("span", { class: "name" }, short(row.name) || "（没有名称的指标）"),
      made("span", { class: "tag", "data-tone": STATES[row.state] }, row.state),
      made("span", { class: "computed" }, ...of(row.points, points(row.weight))),
      row.reviewed !== null && made("span", { class: "reviewed" }, points(row.reviewed)),
    ),
    row.name.length > SHORT && made("p", {}, long(row.name)),
    made("dl", { class: "held" }, filed),
    made("ul", { class: "lines" }, row.way.map((text) => made("li", {}, long(text)))),
  );
}

// ------------------------------------------------------------------ its own years

/** Makes the table of years, of a department or of the county; null where no earlier year is known. */
export function years({ years: rows }, id = "years", score = "得分") {
  if (!rows?.length) {
    return null;
  }
  const text = (value, write) => made("td", { class: "number" }, value === null ? "—" : write(value));
  const row = (each) =>
    made(
      "tr",
      {},
      made("th", { scope: "row" }, `${parseInt(each.year, 10)}年`),
      text(each.points, points),
      text(each.three_public, money),
      text(each.execution, share),
      text(each.findings, String),
    );
  const columns = [
    ["年度"],
    [score, "number"],
    ["“三公”（万元）", "number"],
    ["预算执行率", "number"],
    ["审核发现", "number"],
  ];
  return made(
    "section",
    { class: "card years", "aria-labelledby": id },
    made("h2", { id }, "历年情况"),
    table("figures-by-year", "各年的得分、三公经费、预算执行率和审核发现", columns, rows.map(row)),
    made("p", { class: "faint note" }, "“—”为当年没有报送，或没有这个数。"),
  );
}
