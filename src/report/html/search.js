const field = document.getElementById("search");
const found = document.getElementById("found");
const items = [...document.querySelectorAll("li[data-words]")];
// A setting is looked for as a flag is written: `max_num_seqs` is `--max-num-seqs`.
const dashed = (text) => text.toLowerCase().replace(/_/g, "-");
for (const item of items) item.all = dashed(item.dataset.words);
function search() {
  // Pages speak of sizes in general: "24gb" is looked for as "gb".
  const words = dashed(field.value).split(/\s+/).filter(Boolean).map((word) => word.replace(/^-+/, "").replace(/^\d+(gi?b)$/, "$1"));
  // What is typed begins a word: "ram" is not in "parameters".
  const begins = words.map((word) => new RegExp("(?<![a-z0-9])" + word.replace(/[^a-z0-9 ]/g, "\\$&")));
  const all = (text) => begins.every((begin) => begin.test(text));
  // A page that goes by the very word comes first, then those that are called so, then those that speak of it.
  const named = (item) => {
    const names = dashed(item.dataset.names + " " + item.textContent);
    return names.split(" ").includes(words.join("-")) ? 0 : all(names) ? 1 : 2;
  };
  const fit = begins.length ? items.filter((item) => all(item.all)).sort((a, b) => named(a) - named(b)) : [];
  found.replaceChildren(...fit.map((item) => item.cloneNode(true)));
  for (const section of document.querySelectorAll("section")) section.hidden = begins.length > 0;
  document.getElementById("none").hidden = !begins.length || fit.length > 0;
}
field.addEventListener("input", search);
search();
