package meshwork.shell;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/** Rows of text, each column as wide as its widest cell. */
final class Table {

	private static final String GAP = "  ";

	private final List<List<String>> rows = new ArrayList<>();

	Table(String... heads) {
		rows.add(List.of(heads));
	}

	Table row(Object... cells) {
		rows.add(List.of(cells).stream().map(Object::toString).toList());
		return this;
	}

	void print(PrintStream out) {
		int[] widths = new int[rows.getFirst().size()];
		for (List<String> row : rows)
			for (int i = 0; i < widths.length; i++)
				widths[i] = Math.max(widths[i], row.get(i).length());
		for (List<String> row : rows) {
			var line = new StringBuilder();
			for (int i = 0; i < widths.length; i++)
				line.append(row.get(i)).repeat(' ', widths[i] - row.get(i).length()).append(GAP);
			out.println(line.toString().stripTrailing());
		}
	}

	/** Bytes as people read them. */
	static String bytes(long bytes) {
		if (bytes < 1 << 20)
			return bytes / 1024 + " kB";
		if (bytes < 1L << 30)
			return bytes / (1 << 20) + " MB";
		return "%.1f GB".formatted(bytes / (double) (1L << 30));
	}

	/** A large number as people read it. */
	static String count(long number) {
		if (number < 1_000_000)
			return number / 1_000 + " K";
		if (number < 1_000_000_000)
			return number / 1_000_000 + " M";
		return "%.1f B".formatted(number / 1e9);
	}
}
