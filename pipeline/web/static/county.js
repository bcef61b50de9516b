// The page that shows how the county's last run came out.
import { about, asked, bar, choices, heads, made, points, words } from "./made.js";

const status = document.getElementById("status");
const county = document.getElementById("county");
const TONES = ["good", "own", "doubt", "bad"];
const KINDS = {
  "": ["全部", () => true],
  errors: ["有错误", (row) => row.errors > 0],
  provisional: ["暂定", (row) => row.provisional],
  missing: ["未报送", (row) => row.points === null],
};

const COLUMNS = [
  ["名次", "number"],
  ["部门"],
  ["得分", "number"],
  ["等级"],
  ["自评", "number wide"],
  ["错误", "number"],
  ["提醒", "number"],
];

try {
  const [, told] = await Promise.all([about(), asked("/county.json")]);
  status.textContent = told.finished ? `${told.finished} 的评价结果。` : "最近一次的评价结果。";
  county.replaceChildren(figures(told), grades(told), ranking(told), ...outside(told));
  county.hidden = false;
} catch (error) {
  status.textContent = words(error);
  status.dataset.tone = "bad";
  status.classList.add("status");
}

function figures(told) {
  const all = told.sent + told.missing.length;
  const figure = (value, unit, word, note) => {
    const shown = [made("span", { class: "big" }, value), made("span", { class: "unit" }, ` ${unit}`)];
    return made("div", {}, made("dt", {}, word), made("dd", {}, shown, made("span", { class: "faint" }, note)));
  };
  const provisional = told.provisional ? `${told.provisional} 个部门的等级暂定` : "";
  return made(
    "dl",
    { class: "card figures" },
    figure(String(told.sent), `/ ${all} 个部门`, "已报送", told.missing.length ? `${told.missing.length} 个未报送` : ""),
    figure(told.mean === null ? "—" : points(told.mean), "分", "平均分", provisional),
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

function ranking({ departments }) {
  const rows = departments.map(line);
  const there = Object.entries(KINDS).filter(([, [, holds]]) => departments.some(holds));
  const told = made("p", { class: "faint", role: "status" });
  const search = made("input", { type: "search", id: "search", placeholder: "部门名称", autocomplete: "off" });
  let kind = "";
  const choose = () => {
    const wanted = search.value.trim();
    departments.forEach((each, at) => (rows[at].hidden = !KINDS[kind][1](each) || !each.department.includes(wanted)));
    told.textContent = wanted || kind ? `${rows.filter((row) => !row.hidden).length} 个部门` : "";
  };
  const options = there.map(([name, [word]]) => [name, word]);
  search.addEventListener("input", choose);
  return made(
    "section",
    { class: "card", "aria-labelledby": "ranking" },
    made("h2", { id: "ranking" }, "部门排名"),
    made(
      "div",
      { class: "tools" },
      choices("只看一些部门", "kind", options, (name) => ((kind = name), choose())),
      made("label", { class: "search", for: "search" }, made("span", {}, "查找"), search),
    ),
    told,
    made(
      "table",
      { class: "ranking" },
      made("caption", { class: "unseen" }, "各部门的名次、得分、等级、自评得分和问题数"),
      heads(...COLUMNS),
      made("tbody", {}, rows),
    ),
  );
}

function line(row) {
  const absent = row.points === null;
  const note = absent ? row.status : row.reviewed && "复核后";
  const number = (count, tone) =>
    made("td", { class: "number", "data-tone": count ? tone : "none" }, absent ? "" : String(count));
  return made(
    "tr",
    { class: absent && "absent" },
    made("td", { class: "number" }, row.rank === null ? "" : String(row.rank)),
    made("th", { scope: "row" }, row.department, note && made("span", { class: "tag" }, note)),
    made("td", { class: "number" }, absent ? "" : made("strong", {}, points(row.points))),
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
