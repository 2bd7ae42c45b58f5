package meshwork.bench;

import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

import meshwork.bench.Figures.Spread;

/** The levels of a run as a picture: throughput, time to the first token and between tokens, over how many asked at once. */
public final class Chart {

	private static final int WIDTH = 300;
	private static final int HEIGHT = 220;
	private static final int LEFT = 56;
	private static final int TOP = 40;
	private static final int GAP = 40;
	private static final int STEPS = 4;
	private static final List<String> COLOURS = List.of("#1f6feb", "#d29922", "#cf222e");

	private record Line(String name, ToDoubleFunction<Figures> value) {
	}

	private final List<Figures> levels;
	private final StringBuilder svg = new StringBuilder();

	private Chart(List<Figures> levels) {
		this.levels = levels;
	}

	/** The picture, as SVG. */
	public static String of(String title, List<Figures> levels) {
		var chart = new Chart(levels);
		chart.add("<svg xmlns='http://www.w3.org/2000/svg' width='%d' height='%d' font-family='sans-serif' font-size='11' fill='#333'>",
				3 * (LEFT + WIDTH) + GAP, TOP + HEIGHT + 2 * GAP);
		chart.add("<rect width='100%%' height='100%%' fill='white'/><text x='%d' y='18' font-size='13'>%s</text>", LEFT, escaped(title));
		chart.panel(0, "tokens/s", List.of(new Line("all streams running", Figures::fullTokensPerSecond), new Line("over all", Figures::tokensPerSecond)));
		chart.panel(1, "first token, ms", lines(Figures::firstToken_ms));
		chart.panel(2, "between tokens, ms", lines(Figures::nextToken_ms));
		chart.add("</svg>");
		return chart.svg.toString();
	}

	private static List<Line> lines(Function<Figures, Spread> of) {
		return List.of(new Line("p50", level -> of.apply(level).p50()), new Line("p90", level -> of.apply(level).p90()),
				new Line("p99", level -> of.apply(level).p99()));
	}

	private void panel(int number, String title, List<Line> lines) {
		int x = LEFT + number * (WIDTH + LEFT);
		double most = nice(lines.stream().flatMap(line -> levels.stream().map(line.value()::applyAsDouble)).max(Double::compare).orElse(1.));
		add("<text x='%d' y='%d' font-weight='bold'>%s</text>", x, TOP - 6, title);
		for (int step = 0; step <= STEPS; step++) {
			double y = TOP + HEIGHT - HEIGHT * (double) step / STEPS;
			add("<line x1='%d' x2='%d' y1='%.1f' y2='%.1f' stroke='#ddd'/>", x, x + WIDTH, y, y);
			add("<text x='%d' y='%.1f' text-anchor='end'>%s</text>", x - 5, y + 4, number(most * step / STEPS));
		}
		for (int i = 0; i < levels.size(); i++)
			add("<text x='%.1f' y='%d' text-anchor='middle'>%s</text>", across(x, i), TOP + HEIGHT + 16, load(levels.get(i)));
		for (int i = 0; i < lines.size(); i++)
			line(x, i, lines.get(i), most);
	}

	private void line(int x, int number, Line line, double most) {
		String colour = COLOURS.get(number);
		var points = new StringBuilder();
		for (int i = 0; i < levels.size(); i++) {
			double y = TOP + HEIGHT - HEIGHT * line.value().applyAsDouble(levels.get(i)) / most;
			points.append(String.format(Locale.ROOT, "%.1f,%.1f ", across(x, i), y));
			add("<circle cx='%.1f' cy='%.1f' r='3' fill='%s'><title>%s %s</title></circle>", across(x, i), y, colour, line.name(),
					number(line.value().applyAsDouble(levels.get(i))));
		}
		add("<polyline points='%s' fill='none' stroke='%s' stroke-width='1.5'/>", points.toString().strip(), colour);
		add("<text x='%d' y='%d' fill='%s'>%s</text>", x + number * WIDTH / 3, TOP + HEIGHT + 36, colour, line.name());
	}

	private double across(int x, int level) {
		return x + WIDTH * (level + 0.5) / levels.size();
	}

	private static String load(Figures level) {
		return level.rate().isPresent() ? number(level.rate().getAsDouble()) + "/s" : Integer.toString(level.concurrency());
	}

	/** The next number that is 1, 2, 4 or 8 times a power of ten. */
	private static double nice(double value) {
		double power = Math.pow(10, Math.floor(Math.log10(Math.max(value, 1e-3))));
		for (double factor : new double[] { 1, 2, 4, 8 })
			if (value <= factor * power)
				return factor * power;
		return 10 * power;
	}

	private static String number(double value) {
		return value >= 10 || value == Math.rint(value) ? String.format(Locale.ROOT, "%.0f", value) : String.format(Locale.ROOT, "%.2f", value);
	}

	private static String escaped(String text) {
		return text.replace("&", "&amp;").replace("<", "&lt;");
	}

	private void add(String format, Object... values) {
		svg.append(String.format(Locale.ROOT, format, values)).append('\n');
	}
}
