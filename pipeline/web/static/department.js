// The page of one department: its report from the last run, with the way to every point.
import { about, asked, made, words } from "./made.js";
import { reportParts } from "./report.js";

const told = document.getElementById("told");
const place = document.getElementById("about");

try {
  const name = new URLSearchParams(location.search).get("name") ?? "";
  document.querySelector("h1").textContent = name;
  const [, report] = await Promise.all([about(), asked(`/department.json?name=${encodeURIComponent(name)}`)]);
  document.querySelector("h1").textContent = report.department;
  document.title = `${report.department} · 部门整体支出绩效评价`;
  told.textContent = `${report.finished} 的评价结果。`;
  place.replaceChildren(...(report.reason ? [made("p", { class: "card" }, report.reason)] : reportParts(report, null, true)));
  place.hidden = false;
} catch (error) {
  told.textContent = words(error);
  told.dataset.tone = "bad";
  told.classList.add("status");
}
