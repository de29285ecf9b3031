const field = document.getElementById("search");
const items = [...document.querySelectorAll("li[data-words]")];
function search() {
  // Pages speak of sizes in general: "24gb" is looked for as "gb".
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean).map((word) => word.replace(/^\d+(gi?b)$/, "$1"));
  // What is typed begins a word: "ram" is not in "parameters".
  const begins = words.map((word) => new RegExp("(?<![a-z0-9])" + word.replace(/[^a-z0-9 ]/g, "\\$&")));
  for (const item of items) item.hidden = !begins.every((begin) => begin.test(item.dataset.words));
  for (const section of document.querySelectorAll("section")) section.hidden = !section.querySelector("li:not([hidden])");
  document.getElementById("none").hidden = items.some((item) => !item.hidden);
}
field.addEventListener("input", search);
search();
