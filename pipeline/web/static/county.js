// The page that shows how the county's last run came out: the leader's page, and every department.
import { change, scatter } from "./charts.js";
import { about, asked, bar, card, choices, made, money, points, share, signed, table, toDepartment, words } from "./made.js";
import { years } from "./report.js";

const told = document.getElementById("told");
const county = document.getElementById("county");
const AGAIN = 30_000;
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

const number = (value, write = money) => made("td", { class: "number" }, value === null ? "—" : write(value));

try {
  const [, found] = await Promise.all([about(), asked("/county.json")]);
  told.textContent = `${found.finished} 的评价结果。${found.received}`;
  const known = new Set(found.departments.filter((row) => row.points !== null).map((row) => row.department));
  const parts = [matters(found, known), grades(found), against(found), items(found), rises(found), problems(found)];
  county.replaceChildren(
    figures(found),
    made("div", { class: "parts-of-county" }, [...parts, years(found, "county-years", "平均得分")].filter(Boolean)),
    ranking(found),
    ...outside(found),
  );
  county.hidden = false;
  watch(found.finished);
} catch (error) {
  told.textContent = words(error);
  told.dataset.tone = "bad";
  told.classList.add("status");
}

/** Says when a later run has ended: what is being read does not change under the reader. */
function watch(finished) {
  const look = async () => {
    const now = await about().catch(() => null);
    if (!document.hidden && now?.finished && now.finished !== finished) {
      const again = made("a", { class: "button", href: "/county" }, "显示新的结果");
      told.replaceChildren(`${now.finished} 又评价了一次。`, again);
      clearInterval(timer);
    }
  };
  const timer = setInterval(look, AGAIN);
}

function figures({ figures: five }) {
  const figure = ({ label, text, note }) =>
    made("div", {}, made("dt", {}, label), made("dd", { class: "big" }, text), made("dd", { class: "faint" }, note.split("　").map((each) => made("span", {}, each))));
  return made("dl", { class: "card figures" }, five.map(figure));
}

function matters({ matters: found, more_matters: more }, known) {
  const item = ({ kind, department, told: what, todo }) =>
    made(
      "li",
      {},
      made("span", { class: "tag", "data-tone": "doubt" }, kind),
      made(
        "div",
        {},
        made("span", { class: "label" }, known.has(department) ? toDepartment(department) : department),
        made("span", { class: "remedy" }, todo),
        made("p", {}, what),
      ),
    );
  return card(
    "matters",
    "需要决定的事",
    found.length ? made("ul", { class: "list" }, found.map(item)) : made("p", { class: "faint" }, "没有需要决定的事。"),
    more > 0 && made("p", { class: "faint note" }, `另有 ${more} 项，见下面的部门排名和全县汇总各页。`),
  );
}

function grades({ grades: rows }) {
  const most = Math.max(1, ...rows.flatMap((row) => [row.computed, row.claimed]));
  const row = ({ word, computed, claimed }) =>
    made(
      "tr",
      {},
      made("th", { scope: "row" }, word),
      made("td", { class: "always" }, bar(computed / most, "own"), bar(claimed / most, "filed")),
      made("td", { class: "number computed" }, String(computed)),
      made("td", { class: "number filed" }, String(claimed)),
    );
  const picture = made("span", { class: "unseen" }, "部门数的图");
  const columns = [["等级"], [picture], ["核算", "number"], ["自评", "number"]];
  return card("grades", "等级分布（部门数）", table("grades", "各等级的部门数：核算与自评", columns, rows.map(row)));
}

function against({ scores }) {
  const parts = scores.length ? scatter(scores) : [made("p", { class: "faint" }, "没有可以比较的部门。")];
  return card("against", "自评与核算", parts);
}

function items({ items: rows }) {
  const differences = rows.map(({ difference }) => difference);
  const most = Math.max(0, ...rows.map(({ item }, at) => (/^(basic|project)$/.test(item) ? 0 : Math.abs(differences[at] ?? 0))));
  const row = ({ label, item, prior_outturn: before, budget, outturn, change: rate }, at) => {
    const by = differences[at];
    const part = rate === null ? "—" : share(rate);
    return made(
      "tr",
      { class: item === "three_public" && "total" },
      made("th", { scope: "row" }, label),
      number(before),
      made("td", { class: "number wide-only" }, budget === null ? "—" : money(budget)),
      number(outturn),
      made("td", { class: "number" }, by === null ? "—" : signed(by), made("span", { class: "faint" }, ` ${part}`)),
      made("td", { class: "wide" }, by !== null && !/^(basic|project)$/.test(item) && change(by, most)),
    );
  };
  const columns = [
    ["项目"],
    ["上年决算", "number"],
    ["本年预算", "number wide-only"],
    ["本年决算", "number"],
    ["比上年", "number"],
    [made("span", { class: "unseen" }, "增减的图"), "wide"],
  ];
  const caption = "三公经费各项和支出：上年决算、本年预算、本年决算和比上年的增减，万元";
  return card("items", "“三公”经费与支出（万元）", table("items", caption, columns, rows.map(row)));
}

function rises({ changes: rows }) {
  const most = Math.max(0, ...rows.map((row) => Math.abs(row.now - row.before)));
  const row = ({ department, short, before, now }) =>
    made(
      "tr",
      {},
      made("th", { scope: "row" }, toDepartment(department, short)),
      made("td", { class: "always" }, change(now - before, most)),
      made("td", { class: "number" }, signed(now - before)),
    );
  const picture = made("span", { class: "unseen" }, "增减的图");
  const columns = [["部门"], [picture], ["比上年", "number"]];
  return card(
    "rises",
    "“三公”增加、减少最多的部门（万元）",
    rows.length
      ? table("rises", "三公经费增加、减少最多的部门", columns, rows.map(row))
      : made("p", { class: "faint" }, "没有增减，或没有上年决算数。"),
  );
}

function problems({ problems: rows, last_year_known: known }) {
  const most = Math.max(1, ...rows.map((row) => row.departments));
  const row = ({ title, departments, again }) =>
    made(
      "tr",
      {},
      made("th", { scope: "row" }, title),
      made("td", { class: "wide" }, bar(departments / most, "own")),
      made("td", { class: "number" }, String(departments)),
      known && made("td", { class: "number" }, String(again)),
    );
  const picture = made("span", { class: "unseen" }, "部门数的图");
  const columns = [["问题"], [picture, "wide"], ["部门（个）", "number"], known && ["上年已指出", "number"]].filter(Boolean);
  return card("problems", "常见问题", table("common", "常见问题：有这个问题的部门数，其中上年已指出的", columns, rows.map(row)));
}

function ranking({ departments }) {
  const rows = departments.map(line);
  const there = Object.entries(KINDS).filter(([, [, holds]]) => departments.some(holds));
  const found = made("p", { class: "faint", role: "status" });
  const search = made("input", { type: "search", id: "search", placeholder: "部门名称", autocomplete: "off" });
  let kind = "";
  const choose = () => {
    const wanted = search.value.trim();
    departments.forEach((each, at) => (rows[at].hidden = !KINDS[kind][1](each) || !each.department.includes(wanted)));
    found.textContent = wanted || kind ? `${rows.filter((row) => !row.hidden).length} 个部门` : "";
  };
  const options = there.map(([name, [word]]) => [name, word]);
  search.addEventListener("input", choose);
  return card(
    "ranking",
    "部门排名",
    made(
      "div",
      { class: "tools" },
      choices("只看一些部门", "kind", options, (name) => ((kind = name), choose())),
      made("label", { class: "search", for: "search" }, made("span", {}, "查找"), search),
    ),
    found,
    table("ranking", "各部门的名次、得分、等级、自评得分和问题数", COLUMNS, rows),
  );
}

function line(row) {
  const absent = row.points === null;
  const note = absent ? row.status : row.reviewed && "复核后";
  const count = (value, tone) =>
    made("td", { class: "number", "data-tone": value ? tone : "none" }, absent ? "" : String(value));
  return made(
    "tr",
    { class: absent && "absent" },
    made("td", { class: "number" }, row.rank === null ? "" : String(row.rank)),
    made(
      "th",
      { scope: "row" },
      absent ? row.department : toDepartment(row.department),
      note && made("span", { class: absent ? "tag" : "tag reviewed" }, note),
    ),
    made("td", { class: "number" }, absent ? "" : made("strong", {}, points(row.points))),
    made("td", {}, row.grade, row.provisional && made("span", { class: "provisional" }, "暂定")),
    made("td", { class: "number wide filed" }, row.self_points === null ? "" : points(row.self_points)),
    count(row.errors, "bad"),
    count(row.warnings, "doubt"),
  );
}

function outside({ rejected }) {
  if (!rejected.length) {
    return [];
  }
  const item = ({ file, reason }) => made("li", {}, made("strong", {}, file), made("p", {}, reason));
  return [card("rejected", "没有读取的文件", made("ul", { class: "rejected" }, rejected.map(item)))];
}
