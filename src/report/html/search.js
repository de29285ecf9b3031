const field = document.getElementById("search");
const items = [...document.querySelectorAll("li[data-words]")];
function search() {
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const item of items) item.hidden = !words.every((word) => item.dataset.words.includes(word));
  for (const section of document.querySelectorAll("section")) section.hidden = !section.querySelector("li:not([hidden])");
  document.getElementById("none").hidden = items.some((item) => !item.hidden);
}
field.addEventListener("input", search);
search();
