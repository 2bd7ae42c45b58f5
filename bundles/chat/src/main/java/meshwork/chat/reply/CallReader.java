package meshwork.chat.reply;

import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

import meshwork.chat.reply.Syntax.Piece;
import meshwork.chat.reply.Syntax.Style;

/** Reads one call, piece by piece. */
final class CallReader {

	/** How far it came. */
	enum Progress {
		/** The call is complete. */
		COMPLETE,
		/** More has to be said. */
		MORE,
		/** It is no call, or not as it should be. */
		BROKEN
	}

	private static final int LONGEST_NAME = 256;
	private static final String LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
	private static final SecureRandom RANDOM = new SecureRandom();

	private final List<Piece> pieces;
	private final String open;
	private final boolean known;
	private final Map<String, Map<String, Object>> tools;
	private final BiConsumer<String, String> called;
	private final Consumer<String> said;

	private final StringBuilder out = new StringBuilder();
	private JsonStream json = new JsonStream(out);
	private int piece;
	private int at;
	private String name = "";
	private String id = "";
	private boolean begun;

	// members
	private enum Member {
		OPEN, KEY, COLON, VALUE, NEXT
	}

	private Member member = Member.OPEN;
	private String key = "";
	private boolean given;
	private String kept = "";

	// parameters
	private int parameters;
	private int valueStart = -1;
	private int scan;
	private boolean text;
	private boolean verbatim;
	private int depth;

	/**
	 * @param start where it begins
	 * @param open what the calls began with
	 * @param known the tool has to be one of those that are there
	 * @param tools their parameters, by name
	 * @param called told of id and name
	 * @param said told of arguments
	 */
	CallReader(List<Piece> pieces, int start, String open, boolean known, Map<String, Map<String, Object>> tools,
			BiConsumer<String, String> called, Consumer<String> said) {
		this.pieces = pieces;
		this.open = open;
		this.known = known;
		this.tools = tools;
		this.called = called;
		this.said = said;
		at = start;
	}

	int at() {
		return at;
	}

	/** Whether it told of the call. */
	boolean begun() {
		return begun;
	}

	/** The text in front was thrown away. */
	void moved(int by) {
		at -= by;
		scan -= by;
		valueStart = valueStart < 0 ? valueStart : valueStart - by;
	}

	/** Where what it still needs begins. */
	int needed() {
		return valueStart >= 0 ? valueStart : at;
	}

	Progress read(StringBuilder buffer) {
		while (piece < pieces.size()) {
			Progress progress = switch (pieces.get(piece)) {
				case Piece.Literal(String literal) -> passed(Marks.match(literal.strip(), buffer, Marks.space(buffer, at)));
				case Piece.Until(String end, String _) -> until(buffer, end);
				case Piece.Name _ -> name(buffer);
				case Piece.Id _ -> id(buffer);
				case Piece.Index _ -> index(buffer);
				case Piece.Arguments _ -> arguments(buffer);
				case Piece.Members members -> members(buffer, members);
				case Piece.Parameters all -> parameters(buffer, all);
			};
			if (progress != Progress.COMPLETE) {
				flush();
				return progress;
			}
			piece++;
		}
		flush();
		return Progress.COMPLETE;
	}

	/** The model broke off: completes what was begun. */
	void end(StringBuilder buffer) {
		if (!begun)
			return;
		if (piece < pieces.size() && pieces.get(piece) instanceof Piece.Parameters all) {
			if (valueStart >= 0) {
				String value = buffer.substring(valueStart);
				out.append(text ? "" : value(all, value, key));
				if (text)
					quote(buffer.substring(Math.max(scan, valueStart)));
				out.append(text ? "\"" : "");
			}
			out.append(parameters < 0 ? "" : "}");
		} else if (!given) {
			json.complete();
		}
		flush();
	}

	private void flush() {
		if (begun && !out.isEmpty() && kept.isEmpty()) {
			said.accept(out.toString());
			out.setLength(0);
		}
	}

	private Progress passed(int end) {
		if (end >= 0)
			at = end;
		return end >= 0 ? Progress.COMPLETE : end == Marks.UNSURE ? Progress.MORE : Progress.BROKEN;
	}

	private Progress until(StringBuilder buffer, String end) {
		int found = buffer.indexOf(end, at);
		if (found >= 0)
			at = found + end.length();
		return found >= 0 ? Progress.COMPLETE : buffer.length() - at > LONGEST_NAME ? Progress.BROKEN : Progress.MORE;
	}

	/** Up to where the next piece begins. */
	private Optional<String> word(StringBuilder buffer) {
		Piece next = pieces.get(piece + 1);
		int start = Marks.space(buffer, at);
		for (int i = start; i < buffer.length() && i - start <= LONGEST_NAME; i++) {
			char c = buffer.charAt(i);
			boolean ends = switch (next) {
				case Piece.Literal(String literal) -> {
					if (literal.isBlank())
						yield literal.isEmpty() ? c == '<' || c == '\n' : literal.indexOf(c) >= 0;
					int end = Marks.match(literal.strip(), buffer, Marks.space(buffer, i));
					if (end == Marks.UNSURE)
						yield true;
					yield end >= 0;
				}
				default -> c == '<' || Character.isWhitespace(c);
			};
			if (!ends)
				continue;
			if (next instanceof Piece.Literal(String literal) && !literal.isBlank() && Marks.match(literal.strip(), buffer, Marks.space(buffer,
					i)) == Marks.UNSURE)
				return Optional.empty();
			at = i;
			return Optional.of(buffer.substring(start, i).strip());
		}
		return Optional.empty();
	}

	private Progress name(StringBuilder buffer) {
		Optional<String> word = word(buffer);
		if (word.isEmpty())
			return buffer.length() - at > LONGEST_NAME ? Progress.BROKEN : Progress.MORE;
		name = word.get();
		return name.isEmpty() || name.indexOf('\n') >= 0 || known && !tools.containsKey(name) ? Progress.BROKEN : Progress.COMPLETE;
	}

	private Progress id(StringBuilder buffer) {
		Optional<String> word = word(buffer);
		word.ifPresent(it -> id = it);
		return word.isPresent() ? Progress.COMPLETE : buffer.length() - at > LONGEST_NAME ? Progress.BROKEN : Progress.MORE;
	}

	private Progress index(StringBuilder buffer) {
		int end = at;
		while (end < buffer.length() && Character.isDigit(buffer.charAt(end)))
			end++;
		if (end == buffer.length())
			return Progress.MORE;
		if (end == at)
			return Progress.BROKEN;
		if (open.endsWith("functions."))
			id = "functions." + name + ":" + buffer.substring(at, end);
		at = end;
		return Progress.COMPLETE;
	}

	private void begin() {
		if (begun)
			return;
		begun = true;
		called.accept(id.isEmpty() ? newId() : id, name);
	}

	/** Nine letters and digits, as Mistral's templates ask for. */
	private static String newId() {
		return RANDOM.ints(9, 0, LETTERS.length()).collect(StringBuilder::new, (id, i) -> id.append(LETTERS.charAt(i)), StringBuilder::append)
				.toString();
	}

	private Progress arguments(StringBuilder buffer) {
		if (!begun) {
			at = Marks.space(buffer, at);
			if (at == buffer.length())
				return Progress.MORE;
			if (buffer.charAt(at) != '{')
				return Progress.BROKEN;
			begin();
		}
		Progress progress = json(buffer);
		given = progress == Progress.COMPLETE;
		return progress;
	}

	private Progress json(StringBuilder buffer) {
		while (at < buffer.length())
			switch (json.take(buffer.charAt(at))) {
				case PART -> at++;
				case LAST -> {
					at++;
					return Progress.COMPLETE;
				}
				case BEYOND -> {
					return Progress.COMPLETE;
				}
				case WRONG -> {
					return Progress.BROKEN;
				}
			}
		return Progress.MORE;
	}

	private Progress members(StringBuilder buffer, Piece.Members form) {
		while (true) {
			if (member != Member.VALUE)
				at = Marks.space(buffer, at);
			if (at == buffer.length())
				return Progress.MORE;
			char c = buffer.charAt(at);
			switch (member) {
				case OPEN -> {
					if (c != '{')
						return Progress.BROKEN;
					at++;
					member = Member.KEY;
				}
				case KEY -> {
					int end = c == '"' ? buffer.indexOf("\"", at + 1) : at;
					if (c != '"' || end - at > LONGEST_NAME)
						return Progress.BROKEN;
					if (end < 0)
						return buffer.length() - at > LONGEST_NAME ? Progress.BROKEN : Progress.MORE;
					key = buffer.substring(at + 1, end);
					at = end + 1;
					member = Member.COLON;
				}
				case COLON -> {
					if (c != ':')
						return Progress.BROKEN;
					at = at + 1;
					member = Member.VALUE;
					if (argument(form) && !kept.isEmpty() || argument(form) && given)
						return Progress.BROKEN;
					if (!argument(form) && !out.isEmpty())
						kept = out.toString();
					out.setLength(0);
					json = new JsonStream(out);
				}
				case VALUE -> {
					if (argument(form) && !begun && out.isEmpty()) {
						at = Marks.space(buffer, at);
						if (at < buffer.length() && buffer.charAt(at) != '{' && buffer.charAt(at) != '"')
							return Progress.BROKEN;
						if (at < buffer.length() && buffer.charAt(at) == '{' && !name.isEmpty() && (form.id().isEmpty() || form.counted() || !id.isEmpty()))
							begin();
					}
					Progress progress = json(buffer);
					if (progress != Progress.COMPLETE)
						return progress;
					if (!value(form))
						return Progress.BROKEN;
					member = Member.NEXT;
				}
				case NEXT -> {
					at++;
					if (c == ',')
						member = Member.KEY;
					else if (c != '}' || name.isEmpty())
						return Progress.BROKEN;
					else {
						if (!begun) {
							begin();
							said.accept(kept.isEmpty() ? "{}" : kept);
						}
						kept = "";
						out.setLength(0);
						given = true;
						return Progress.COMPLETE;
					}
				}
			}
		}
	}

	private boolean argument(Piece.Members form) {
		return key.equals(form.arguments()) || key.equals("arguments") || key.equals("parameters");
	}

	/** A member's value is complete. */
	private boolean value(Piece.Members form) {
		if (argument(form)) {
			given = true;
			if (begun) {
				flush();
				return true;
			}
			kept = out.charAt(0) == '"' ? Values.text(out.toString()) : out.toString();
			out.setLength(0);
			return Values.members(kept).isPresent();
		}
		boolean string = !out.isEmpty() && out.charAt(0) == '"';
		if (key.equals(form.name())) {
			if (!string || known && !tools.containsKey(Values.text(out.toString())))
				return false;
			name = Values.text(out.toString());
		} else if (string && key.equals(form.id()) && !form.counted() && !begun) {
			id = Values.text(out.toString());
		}
		out.setLength(0);
		return true;
	}

	private Progress parameters(StringBuilder buffer, Piece.Parameters form) {
		if (!begun) {
			begin();
			out.append('{');
		}
		while (true) {
			if (valueStart < 0) {
				int start = Marks.space(buffer, at);
				if (start == buffer.length())
					return Progress.MORE;
				Progress key = key(buffer, start, form);
				if (key == Progress.BROKEN && !form.before().isBlank() || key == Progress.BROKEN && "})".indexOf(buffer.charAt(start)) >= 0) {
					out.append('}');
					parameters = -1;
					return Progress.COMPLETE;
				}
				if (key != Progress.COMPLETE)
					return key;
			}
			if (!value(buffer, form))
				return Progress.MORE;
		}
	}

	private Progress key(StringBuilder buffer, int start, Piece.Parameters form) {
		int from = start;
		if (form.before().isBlank()) {
			if (parameters > 0 && buffer.charAt(from) == ',')
				from = Marks.space(buffer, from + 1);
		} else {
			from = Marks.match(form.before().strip(), buffer, start);
			if (from < 0)
				return from == Marks.UNSURE ? Progress.MORE : Progress.BROKEN;
		}
		if (from == buffer.length())
			return Progress.MORE;
		if (form.style() == Style.NESTED && buffer.charAt(from) == '/')
			return Progress.BROKEN;
		if (form.before().isBlank() && ")}".indexOf(buffer.charAt(from)) >= 0)
			return Progress.BROKEN;
		boolean unsure = false;
		for (int i = from; i < buffer.length() && i - from <= LONGEST_NAME; i++)
			for (var middle : form.middles().entrySet()) {
				int end = Marks.match(middle.getValue().stripTrailing(), buffer, i);
				if (end >= 0) {
					key = buffer.substring(from, i).strip();
					out.append(parameters++ == 0 ? "" : ", ").append(Values.quoted(key)).append(": ");
					boolean told = Set.copyOf(form.middles().values()).size() > 1;
					text = bare(form) && (told
							? middle.getValue().equals(form.middles().get("string")) : string(key));
					out.append(text ? "\"" : "");
					String space = middle.getValue().substring(middle.getValue().stripTrailing().length());
					at = end;
					valueStart = end;
					scan = -end - 1;
					if (space.isEmpty() && form.style() != Style.VERBATIM)
						scan = end;
					return Progress.COMPLETE;
				}
				unsure |= end == Marks.UNSURE;
			}
		return buffer.length() - from > LONGEST_NAME ? Progress.BROKEN : Progress.MORE;
	}

	/** Whether strings stand as they are. */
	private static boolean bare(Piece.Parameters form) {
		return form.style() == Style.BARE || form.style() == Style.VERBATIM;
	}

	/** Whether a parameter is a string, as its schema says. */
	private boolean string(String key) {
		return "string".equals(schema(key).get("type"));
	}

	private Map<?, ?> schema(String key) {
		return tools.getOrDefault(name, Map.of()).get("properties") instanceof Map<?, ?> properties && properties.get(key) instanceof Map<?, ?> schema
				? schema : Map.of();
	}

	private boolean value(StringBuilder buffer, Piece.Parameters form) {
		if (form.style() == Style.PYTHON || form.style() == Style.QUOTED)
			return literal(buffer, form);
		if (form.style() == Style.NESTED)
			return nested(buffer, form);
		if (scan < 0) {
			// one line break after the mark belongs to it
			if (valueStart == buffer.length())
				return false;
			if (buffer.charAt(valueStart) == '\n' && form.style() != Style.VERBATIM)
				valueStart++;
			if (text && form.style() == Style.VERBATIM) {
				int begun = Marks.match(Syntax.VERBATIM, buffer, valueStart);
				if (begun == Marks.UNSURE) {
					scan = -1;
					return false;
				}
				verbatim = begun >= 0;
				valueStart = Math.max(begun, valueStart);
			}
			scan = valueStart;
		}
		String after = (verbatim ? Syntax.VERBATIM_END : "") + form.after().strip();
		for (int i = scan; i < buffer.length(); i++) {
			char c = buffer.charAt(i);
			if (c != '\n' && c != after.charAt(0))
				continue;
			boolean line = c == '\n' && !verbatim && Character.isWhitespace(form.after().charAt(0));
			int end = c == '\n' && !line ? Marks.NONE : line && i + 1 == buffer.length() ? Marks.UNSURE : Marks.match(after, buffer, line ? i + 1 : i);
			if (end == Marks.NONE)
				continue;
			if (text) {
				quote(buffer.substring(scan, i));
				scan = i;
			}
			if (end == Marks.UNSURE)
				return false;
			out.append(text ? "\"" : value(form, buffer.substring(valueStart, i), key));
			at = end;
			valueStart = -1;
			verbatim = false;
			return true;
		}
		if (text)
			quote(buffer.substring(scan));
		scan = buffer.length();
		if (text)
			valueStart = scan;
		return false;
	}

	private void quote(String more) {
		for (int i = 0; i < more.length(); i++)
			Values.escape(more.charAt(i), true, out);
	}

	private String value(Piece.Parameters form, String said, String key) {
		if (form.style() == Style.NESTED)
			return new Elements(form.before()).json(said, schema(key));
		if (string(key) && bare(form) && Set.copyOf(form.middles().values()).size() == 1)
			return Values.quoted(said);
		return Values.json(said.strip()).orElseGet(() -> Values.quoted(said));
	}

	/** Up to the end of the element, which has others within. */
	private boolean nested(StringBuilder buffer, Piece.Parameters form) {
		String mark = form.before();
		for (int tag = buffer.indexOf(mark, scan); tag >= 0; tag = buffer.indexOf(mark, scan)) {
			int end = buffer.indexOf(">", tag + mark.length());
			scan = end < 0 ? tag : end + 1;
			if (end < 0)
				return false;
			if (buffer.charAt(tag + mark.length()) != '/') {
				depth++;
			} else if (depth-- == 0) {
				out.append(value(form, buffer.substring(valueStart, tag), key));
				at = end + 1;
				valueStart = -1;
				depth = 0;
				return true;
			}
		}
		scan = Math.max(scan, buffer.length() - mark.length() + 1);
		return false;
	}

	/** Up to a comma or a bracket that is not within the value. */
	private boolean literal(StringBuilder buffer, Piece.Parameters form) {
		int depth = 0;
		for (int i = valueStart; i < buffer.length(); i++) {
			char c = buffer.charAt(i);
			int quote = form.style() == Style.QUOTED ? Marks.match("<|\"|>", buffer, i) : c == '"' || c == '\'' ? i + 1 : Marks.NONE;
			if (quote == Marks.UNSURE)
				return false;
			if (quote >= 0) {
				i = close(buffer, quote, form.style() == Style.QUOTED ? "<|\"|>" : String.valueOf(c));
				if (i < 0)
					return false;
			} else if (c == '{' || c == '[' || c == '(')
				depth++;
			else if (depth == 0 && (c == ',' || c == '}' || c == ')' || c == ']')) {
				out.append(value(form, buffer.substring(valueStart, i), key));
				at = i;
				valueStart = -1;
				return true;
			} else if (c == '}' || c == ']' || c == ')')
				depth--;
		}
		return false;
	}

	private static int close(StringBuilder buffer, int start, String quote) {
		for (int i = start; i < buffer.length(); i++)
			if (buffer.charAt(i) == '\\' && quote.length() == 1)
				i++;
			else if (Marks.match(quote, buffer, i) >= 0)
				return i + quote.length() - 1;
		return -1;
	}
}
