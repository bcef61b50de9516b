// The page that shows how the county's last run came out.
import { about, asked, bar, heads, made, points } from "./made.js";

const status = document.getElementById("status");
const county = document.getElementById("county");
const TONES = ["good", "own", "doubt", "bad"];

try {
  const [, told] = await Promise.all([about(), asked("/county.json")]);
  status.textContent = told.finished ? `${told.finished} 的评价结果。` : "最近一次的评价结果。";
  county.replaceChildren(figures(told), grades(told), ranking(told), ...outside(told));
  county.hidden = false;
} catch (error) {
  status.textContent = error.message;
  status.dataset.tone = "bad";
  status.classList.add("status");
}

function figures(told) {
  const all = told.sent + told.missing.length;
  const figure = (value, unit, word, note) =>
    made("div", {}, made("dt", {}, word), made("dd", {}, made("span", { class: "big" }, value), made("span", { class: "unit" }, ` ${unit}`), made("span", { class: "faint" }, note)));
  return made(
    "dl",
    { class: "card figures" },
    figure(String(told.sent), `/ ${all} 个部门`, "已报送", told.missing.length ? `${told.missing.length} 个未报送` : ""),
    figure(told.mean === null ? "—" : points(told.mean), "分", "平均分", told.provisional ? `${told.provisional} 个部门的等级暂定` : ""),
    figure(String(told.errors), "处", "错误", told.faulty ? `在 ${told.faulty} 个部门` : ""),
    figure(String(told.warnings), "处", "提醒", ""),
  );
}

function grades(told) {
  const row = ({ word, count }, at) =>
    made(
      "tr",
      {},
      made("th", { scope: "row" }, word),
      made("td", { class: "wide" }, bar(count / Math.max(1, told.sent), TONES[at % TONES.length])),
      made("td", { class: "number" }, made("strong", {}, String(count)), " 个"),
      made("td", { class: "number faint" }, `${Math.round((100 * count) / Math.max(1, told.sent))}%`),
    );
  return made(
    "section",
    { class: "card", "aria-labelledby": "grades" },
    made("h2", { id: "grades" }, "等级分布"),
    made(
      "table",
      { class: "grades" },
      made("caption", { class: "unseen" }, "各等级的部门数和占比"),
      made("thead", { class: "unseen" }, heads(["等级"], ["占比图"], ["部门数"], ["占比"]).firstChild),
      made("tbody", {}, told.grades.map(row)),
    ),
  );
}

function ranking(told) {
  const rows = told.departments.map(line);
  const shown = made("p", { class: "faint", role: "status" }, "");
  const search = made("input", { type: "search", id: "search", placeholder: "部门名称", autocomplete: "off" });
  search.addEventListener("input", () => {
    const wanted = search.value.trim();
    rows.forEach((row) => (row.hidden = !row.dataset.name.includes(wanted)));
    shown.textContent = wanted ? `找到 ${rows.filter((row) => !row.hidden).length} 个部门` : "";
  });
  return made(
    "section",
    { class: "card", "aria-labelledby": "ranking" },
    made("div", { class: "titled" }, made("h2", { id: "ranking" }, "部门排名"), made("label", { class: "search", for: "search" }, made("span", {}, "查找"), search)),
    shown,
    made(
      "table",
      { class: "ranking" },
      made("caption", { class: "unseen" }, "各部门的名次、得分、等级、自评得分和问题数"),
      heads(["名次", "number rank"], ["部门"], ["得分", "number"], ["等级"], ["自评", "number wide"], ["错误", "number"], ["提醒", "number"]),
      made("tbody", {}, rows),
    ),
  );
}

function line(row) {
  const number = (count, tone) => made("td", { class: "number", "data-tone": count ? tone : "none" }, row.points === null ? "" : String(count));
  const note = row.points === null ? made("span", { class: "tag" }, row.status) : row.reviewed ? made("span", { class: "tag" }, "复核后") : null;
  return made(
    "tr",
    { "data-name": row.department, class: row.points === null ? "absent" : null },
    made("td", { class: "number rank" }, row.rank === null ? "" : String(row.rank)),
    made("th", { scope: "row" }, row.department, note && " ", note),
    made("td", { class: "number" }, row.points === null ? "" : made("strong", {}, points(row.points))),
    made("td", {}, row.grade, row.provisional && made("span", { class: "provisional" }, "暂定")),
    made("td", { class: "number wide" }, row.self_points === null ? "" : points(row.self_points)),
    number(row.errors, "bad"),
    number(row.warnings, "doubt"),
  );
}

function outside(told) {
  if (!told.rejected.length) {
    return [];
  }
  const item = ({ file, reason }) => made("li", {}, made("strong", {}, file), made("p", {}, reason));
  return [
    made(
      "section",
      { class: "card", "aria-labelledby": "rejected" },
      made("h2", { id: "rejected" }, "没有读取的文件"),
      made("ul", { class: "rejected" }, told.rejected.map(item)),
    ),
  ];
}
