// What a corrected return changed: two reports on one department, side by side.
import { made, points, signed, table } from "./made.js";
import { where } from "./report.js";

const MOST = 30;

/** Makes the card; `against` says what the earlier report is of. */
export function comparison(before, after, against) {
  const [old, now] = [before, after].map((each) => places(each));
  const gone = [...old].filter(([place]) => !now.has(place)).map(([, found]) => found);
  const fresh = [...now].filter(([place]) => !old.has(place)).map(([, found]) => found);
  const entries = changedEntries(before.entries, after.entries);
  const rows = changedPoints(before, after);
  const parts = [
    scores(before, after),
    list("已改正", "good", gone),
    list("新出现", "bad", fresh),
    changes("改动的单元格", entries),
    indicators(rows),
  ].filter(Boolean);
  return made(
    "section",
    { class: "card comparison", "aria-labelledby": "comparison" },
    made("h2", { id: "comparison" }, "与上次相比"),
    made("p", { class: "headline" }, headline(before, after)),
    made("p", { class: "faint" }, `上次：${against}`),
    parts.length ? parts : made("p", {}, "填写的内容、问题和得分都没有变。"),
  );
}

/** Says in one line what changed: "少了 3 处错误，+4.20 分". */
export function headline(before, after) {
  const errors = after.counts.error - before.counts.error;
  const gain = total(after).points - total(before).points;
  const found = errors ? `${errors < 0 ? "少了" : "多了"} ${Math.abs(errors)} 处错误` : "错误处数没有变";
  const scored = Math.abs(gain) < 0.005 ? "得分没有变" : `${signed(gain)} 分`;
  const grade = before.grade === after.grade ? "" : `，等级由“${before.grade}”变为“${after.grade}”`;
  return `${found}，${scored}${grade}`;
}

const total = (report) => report.scores.at(-1);

/** Gives each place of a counted error or warning, by rule, sheet and cell. */
function places({ problems }) {
  const found = new Map();
  for (const problem of problems.filter((each) => !each.standing && each.severity !== "info")) {
    for (const cells of problem.cells.split("、")) {
      const key = JSON.stringify([problem.rule, problem.sheet, cells || problem.label]);
      found.set(key, { ...problem, cells });
    }
  }
  return found;
}

function scores(before, after) {
  const rows = after.scores
    .map((part) => [part, before.scores.find((each) => each.name === part.name)])
    .filter(([part, old]) => old && Math.abs(part.points - old.points) >= 0.005);
  const row = ([part, old]) =>
    made(
      "tr",
      {},
      made("th", { scope: "row" }, part.label),
      made("td", { class: "number" }, points(old.points)),
      made("td", { class: "number" }, points(part.points)),
      made("td", { class: "number", "data-tone": part.points > old.points ? "good" : "bad" }, signed(part.points - old.points)),
    );
  const columns = [["评分项"], ["上次", "number"], ["这次", "number"], ["增减", "number"]];
  return rows.length > 0 && table("changed", "得分有变化的评分项", columns, rows.map(row));
}

function list(title, tone, found) {
  if (!found.length) {
    return null;
  }
  const titles = new Map();
  for (const each of found) {
    titles.set(each.title, [...(titles.get(each.title) ?? []), each]);
  }
  const item = ([words, same]) => {
    const sheets = [...new Set(same.map((each) => each.sheet))].filter(Boolean).join("、");
    const cells = same.map((each) => each.cells).filter(Boolean).join("、");
    const label = same.length === 1 ? same[0].label : "";
    return made("li", { "data-tone": tone }, made("strong", {}, words), " ", where({ cells, label }), " ", made("span", { class: "faint" }, sheets));
  };
  return made("div", { class: "changes" }, made("h3", {}, `${title} ${found.length} 处`), made("ul", {}, [...titles].map(item)));
}

function changedEntries(before, after) {
  const [old, now] = [before, after].map((entries) => new Map(entries.map((each) => [each.label, each])));
  const labels = [...new Set([...now.keys(), ...old.keys()])];
  return labels
    .map((label) => ({ label, cell: (now.get(label) ?? old.get(label)).cell, from: old.get(label)?.text ?? "", to: now.get(label)?.text ?? "" }))
    .filter(({ from, to }) => from !== to);
}

function changes(title, entries) {
  const row = ({ label, cell, from, to }) =>
    made(
      "tr",
      {},
      made("th", { scope: "row" }, made("span", { class: "cell" }, cell), " ", label),
      made("td", { class: "filed" }, from || "（空白）"),
      made("td", { class: "filed" }, to || "（空白）"),
    );
  const more = entries.length - MOST;
  return (
    entries.length > 0 &&
    made(
      "div",
      { class: "changes" },
      made("h3", {}, `${title} ${entries.length} 个`),
      table("changed entries", "改动的单元格：上次和这次填写的内容", [["项目"], ["上次填写"], ["这次填写"]], entries.slice(0, MOST).map(row)),
      more > 0 && made("p", { class: "faint" }, `另有 ${more} 个没有列出。`),
    )
  );
}

function changedPoints(before, after) {
  const old = new Map(before.indicators.map((each) => [`${each.criterion} ${each.name}`, each]));
  return after.indicators
    .map((each) => [old.get(`${each.criterion} ${each.name}`), each])
    .filter(([was, is]) => was && Math.abs(was.points - is.points) >= 0.005);
}

function indicators(rows) {
  const row = ([was, is]) =>
    made(
      "tr",
      {},
      made("th", { scope: "row" }, made("span", { class: "cell" }, is.cell), " ", is.name),
      made("td", { class: "number" }, points(was.points)),
      made("td", { class: "number" }, points(is.points)),
      made("td", { class: "why wide" }, is.way[0]),
    );
  const columns = [["指标"], ["上次", "number"], ["这次", "number"], ["怎样算的", "why wide"]];
  return (
    rows.length > 0 &&
    made("div", { class: "changes" }, made("h3", {}, "得分有变化的指标"), table("changed", "得分有变化的指标", columns, rows.map(row)))
  );
}
