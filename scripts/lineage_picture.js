// Runs in the documentation's page, with its lineage graph open: draws that graph from top to bottom, as wide as a README,
// and leaves it in the page's title as a PNG. The unit tests, which would widen it, are left out.
const WIDTH = 1000;
const HEIGHT = 760;
const EDGE = "#6fb6c9";
const BACKGROUND = "#005e7a";

window.addEventListener("load", () => {
  const waiting = setInterval(() => {
    const holder = [...document.querySelectorAll("*")].find((element) => element._cyreg);
    const graph = holder?._cyreg.cy;
    if (!graph?.nodes().length) return;
    clearInterval(waiting);
    setTimeout(() => draw(graph), 1000); // the page applies its own layout first
  }, 100);
});

function draw(graph) {
  graph.remove(graph.nodes().filter((node) => /^(unit_)?test\./.test(node.id())));
  graph.nodes().forEach((node) => {
    node.data("label", node.data("label").replace(/^(stg_[a-z]+__|seed_|int_|raw\.)/, "$1\n"));
  });
  graph
    .style()
    .selector("node.horizontal")
    .style({
      "font-size": 13.5,
      "font-weight": 400,
      "text-wrap": "wrap",
      "text-outline-width": 0,
      padding: 4,
      ghost: "no",
    })
    .selector('node[access = "private"]')
    .style({ "background-color": BACKGROUND, "background-opacity": 1 }) // no edge through the name
    .selector("edge.horizontal")
    .style({
      "curve-style": "bezier",
      "line-color": EDGE,
      "target-arrow-color": EDGE,
      "arrow-scale": 0.7,
      "source-endpoint": "180deg",
      "target-endpoint": "0deg",
      width: 1.2,
    })
    .update();
  const elements = graph.elements().sort((a, b) => (key(a) < key(b) ? -1 : 1)); // dagre heeds it
  elements.layout({ name: "dagre", rankDir: "TB", animate: false }).run();
  spread(graph.nodes().toArray());
  document.title = "picture:" + graph.png({ full: true, scale: 1.5, bg: BACKGROUND });
}

function key(element) {
  return element.isEdge() ? `${element.source().id()} ${element.target().id()}` : element.id();
}

// Dagre leaves room for edges: its ranks and their order stay, and each rank takes the whole width.
function spread(nodes) {
  const ranks = Object.groupBy(nodes, (node) => Math.round(node.position("y")));
  const levels = Object.keys(ranks).map(Number).sort((a, b) => a - b);
  levels.forEach((level, index) => {
    const rank = ranks[level].sort((a, b) => a.position("x") - b.position("x"));
    const taken = rank.reduce((sum, node) => sum + node.outerWidth(), 0);
    const gap = (WIDTH - taken) / (rank.length + 1);
    let left = gap;
    for (const node of rank) {
      node.position({ x: left + node.outerWidth() / 2, y: (index * HEIGHT) / levels.length });
      left += node.outerWidth() + gap;
    }
  });
}
