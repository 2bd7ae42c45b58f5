package meshwork.runtime;

import java.util.List;
import java.util.Optional;

/** The text of a choice as it comes in; keeps back whatever may be the beginning of a stop, however that is cut into pieces. */
final class Text {

	private final List<String> stops;
	private final StringBuilder held = new StringBuilder();
	private int released;
	private int sure;
	private Optional<String> stop = Optional.empty();

	Text(List<String> stops) {
		this.stops = stops;
	}

	/** Takes in whole characters. */
	void add(String more) {
		held.append(more);
		if (stop.isPresent())
			held.setLength(sure);
		else
			seek();
	}

	/** Nothing more comes: what was kept back is said. */
	void end() {
		if (stop.isEmpty())
			sure = held.length();
	}

	private void seek() {
		int first = held.length();
		for (String candidate : stops) {
			int at = held.indexOf(candidate);
			if (at >= 0 && at < first) {
				first = at;
				stop = Optional.of(candidate);
			}
		}
		if (stop.isPresent())
			held.setLength(first);
		sure = stop.isPresent() ? first : held.length() - begun();
	}

	/** Length of the longest end of the text that begins a stop. */
	private int begun() {
		int longest = 0;
		for (String candidate : stops)
			for (int length = Math.min(candidate.length() - 1, held.length()); length > longest; length--)
				if (held.indexOf(candidate.substring(0, length), held.length() - length) >= 0)
					longest = length;
		return longest;
	}

	/** The stop that was reached; the text ends before it. */
	Optional<String> stop() {
		return stop;
	}

	/** Gives out what is certain; empty when nothing is. */
	String release() {
		if (sure == 0)
			return "";
		String text = held.substring(0, sure);
		held.delete(0, sure);
		released += sure;
		sure = 0;
		return text;
	}

	/** How much was given out, in UTF-16 units. */
	int released() {
		return released;
	}

	/** How much there is, given out or held back. */
	int length() {
		return released + held.length();
	}
}
