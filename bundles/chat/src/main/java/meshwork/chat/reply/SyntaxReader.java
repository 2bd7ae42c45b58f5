package meshwork.chat.reply;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import meshwork.api.chat.ReplyPart;
import meshwork.api.chat.ReplyReader;

/** Reads a reply as the syntax tells. */
final class SyntaxReader implements ReplyReader {

	private enum Kind {
		THOUGHT, THOUGHT_END, CONTENT, CONTENT_END, NOISE, CALL, END
	}

	private record Mark(Kind kind, String text, String said) {
	}

	private enum State {
		BETWEEN, CONTENT, THOUGHT, CALL, CALLED
	}

	private final Syntax syntax;
	private final Map<String, Map<String, Object>> tools;
	private final List<Mark> outside;
	private final List<Mark> content;
	private final List<Mark> thought;
	private final List<String> betweens;
	private final StringBuilder buffer = new StringBuilder();
	private final List<ReplyPart> parts = new ArrayList<>();
	private State state;
	/** What is in front of it was given out, or says nothing. */
	private int at;
	/** No mark begins before. */
	private int scan;
	private boolean fresh = true;
	private boolean said;
	private boolean last;
	private int calls;
	private int callStart;
	private String opened = "";
	private CallReader call;

	/**
	 * @param tools the parameters of those that may be called, by name
	 * @param thinking the prompt has begun a thought
	 */
	SyntaxReader(Syntax syntax, Map<String, Map<String, Object>> tools, boolean thinking) {
		this.syntax = syntax;
		this.tools = tools;
		state = thinking ? State.THOUGHT : State.BETWEEN;
		Syntax.Calls form = syntax.calls();
		var opens = new ArrayList<Mark>();
		if (!tools.isEmpty()) {
			for (String open : form.opens()) {
				String own = open.substring(open.lastIndexOf(Syntax.NAME) + 1);
				if (!own.isBlank())
					opens.add(new Mark(Kind.CALL, own.strip(), own));
			}
			if (opens.isEmpty())
				form.between().filter(it -> !it.isBlank() && !it.strip().equals(",")).ifPresent(it -> opens.add(new Mark(Kind.CALL, it.strip(), it)));
		}
		betweens = form.between().stream().flatMap(this::named).map(String::strip).toList();
		Mark end = new Mark(Kind.END, syntax.end(), "");
		Stream<Mark> ends = syntax.end().isEmpty() ? Stream.of() : Stream.of(end);
		content = Stream.of(opens.stream(), marks(Kind.CONTENT_END, syntax.contentEnds()), ends).flatMap(it -> it).toList();
		thought = Stream.concat(marks(Kind.THOUGHT_END, syntax.thoughtEnds()),
				opens.stream().filter(it -> it.text().matches("(?s)(<[|｜]|\\[[A-Z]).*"))).toList();
		outside = Stream.of(marks(Kind.THOUGHT, syntax.thoughts()), marks(Kind.THOUGHT_END, syntax.thoughtEnds()), opens.stream(),
				marks(Kind.CONTENT, syntax.contents()), marks(Kind.CONTENT_END, syntax.contentEnds()),
				marks(Kind.NOISE, syntax.noise().stream().flatMap(this::named).toList()),
				syntax.end().isEmpty() ? Stream.<Mark>of() : Stream.of(end)).flatMap(it -> it).toList();
	}

	private static Stream<Mark> marks(Kind kind, List<String> texts) {
		return texts.stream().map(text -> new Mark(kind, kind == Kind.CONTENT ? text.stripLeading() : text.strip(), text));
	}

	private Stream<String> named(String text) {
		return text.contains(Syntax.NAME) ? tools.keySet().stream().map(name -> text.replace(Syntax.NAME, name)) : Stream.of(text);
	}

	@Override
	public List<ReplyPart> read(String more) {
		buffer.append(more);
		advance();
		return drain();
	}

	@Override
	public List<ReplyPart> end() {
		last = true;
		advance();
		if (state == State.CALL && call.begun())
			call.end(buffer);
		else if (state == State.CALL) {
			// what looked like a call to the end is text, and there is no mark left in it that was not looked for
			text(callStart, buffer.length());
		} else if (state != State.CALLED && !ended())
			text(at, buffer.length());
		buffer.setLength(0);
		at = 0;
		scan = 0;
		return drain();
	}

	/** Whether nothing is left but what ends the turn. */
	private boolean ended() {
		String left = buffer.substring(at).strip();
		return left.equals(syntax.end()) || state == State.BETWEEN && said && syntax.end().startsWith(left);
	}

	private void advance() {
		while (at < buffer.length() && switch (state) {
			case BETWEEN -> between();
			case CONTENT -> within(content);
			case THOUGHT -> within(thought);
			case CALL -> call();
			case CALLED -> called();
		}) {
			// goes on as long as it gets on
		}
		int done = state == State.CALL ? call.begun() ? call.needed() : callStart : at;
		if (done > 0) {
			buffer.delete(0, done);
			at -= done;
			scan = Math.max(0, scan - done);
			callStart -= done;
			if (call != null)
				call.moved(done);
		}
	}

	private List<ReplyPart> drain() {
		List<ReplyPart> drained = List.copyOf(parts);
		parts.clear();
		return drained;
	}

	private boolean between() {
		int start = Marks.space(buffer, at);
		if (start == buffer.length())
			return false;
		boolean unsure = false;
		for (Mark mark : outside) {
			int end = Marks.match(mark.text(), buffer, start);
			if (end >= 0 && mark.kind() == Kind.END) {
				unsure |= Marks.space(buffer, end) == buffer.length();
			} else if (end >= 0) {
				enter(mark, start, end);
				return true;
			}
			unsure |= end == Marks.UNSURE;
		}
		if (unsure && !last)
			return false;
		if (unsure && ended())
			return false;
		if ((!said || calls > 0) && !tools.isEmpty() && syntax.calls().opens().getFirst().isBlank() && (buffer.charAt(start) == '{'
				|| !(syntax.calls().pieces().getFirst() instanceof Syntax.Piece.Members))) {
			begin(start, start, "");
			return true;
		}
		state = State.CONTENT;
		fresh = true;
		at = start;
		scan = start;
		return true;
	}

	private void enter(Mark mark, int start, int end) {
		at = end;
		scan = end;
		fresh = true;
		switch (mark.kind()) {
			case THOUGHT -> state = State.THOUGHT;
			case CONTENT -> state = State.CONTENT;
			case CALL -> begin(start, end, mark.said());
			default -> state = State.BETWEEN;
		}
	}

	/** Text, up to a mark. */
	private boolean within(List<Mark> marks) {
		for (int i = Math.max(scan, at); i < buffer.length(); i++) {
			char c = buffer.charAt(i);
			boolean unsure = false;
			for (Mark mark : marks) {
				if (mark.text().charAt(0) != c)
					continue;
				int end = Marks.match(mark.text(), buffer, i);
				if (end >= 0 && mark.kind() == Kind.END) {
					unsure |= Marks.space(buffer, end) == buffer.length();
				} else if (end >= 0) {
					text(at, i);
					enter(mark, i, end);
					return true;
				}
				unsure |= end == Marks.UNSURE;
			}
			if (unsure && !last) {
				text(at, i);
				scan = i;
				return false;
			}
			if (unsure && Marks.match(syntax.end(), buffer, i) >= 0) {
				text(at, i);
				at = i;
				return false;
			}
		}
		scan = buffer.length();
		text(at, buffer.length());
		return false;
	}

	/** Gives out text; white space at its end is kept until more follows. */
	private void text(int start, int end) {
		int from = fresh ? Math.min(end, Marks.space(buffer, start)) : start;
		int to = end;
		while (to > from && Character.isWhitespace(buffer.charAt(to - 1)))
			to--;
		if (to > from) {
			String more = buffer.substring(from, to);
			parts.add(state == State.THOUGHT ? new ReplyPart.Reasoning(more) : new ReplyPart.Text(more));
			fresh = false;
			said |= state != State.THOUGHT;
		}
		at = Math.max(at, to);
	}

	private void begin(int start, int end, String open) {
		state = State.CALL;
		callStart = start;
		opened = open;
		int number = calls;
		call = new CallReader(syntax.calls().pieces(), end, open, open.isEmpty(), tools, (id, name) -> {
			calls++;
			said = true;
			parts.add(new ReplyPart.Call(number, id, name));
		}, json -> parts.add(new ReplyPart.Arguments(number, json)));
	}

	private boolean call() {
		CallReader.Progress progress = call.read(buffer);
		if (progress == CallReader.Progress.MORE)
			return false;
		if (progress == CallReader.Progress.COMPLETE) {
			at = call.at();
			state = State.CALLED;
		} else if (call.begun()) {
			at = call.at();
			scan = at;
			call.end(buffer);
			state = State.CONTENT;
			fresh = true;
		} else {
			// not a call as it should be
			at = callStart;
			state = State.CONTENT;
			fresh = true;
			text(callStart, callStart + 1);
			scan = callStart + 1;
		}
		return true;
	}

	private boolean called() {
		int start = Marks.space(buffer, at);
		if (start == buffer.length())
			return false;
		boolean unsure = false;
		for (String between : betweens) {
			// where only white space is between two calls the next begins as all do
			int end = between.isEmpty() && buffer.charAt(start) != '{' ? Marks.NONE : Marks.match(between, buffer, start);
			if (end >= 0) {
				begin(start, end, syntax.calls().between().orElseThrow());
				return true;
			}
			unsure |= end == Marks.UNSURE;
		}
		if (unsure && !last)
			return false;
		int end = Marks.match(syntax.calls().close().strip(), buffer, start);
		if (end == Marks.UNSURE && !last)
			return false;
		at = end == Marks.UNSURE ? buffer.length() : end >= 0 ? end : start;
		state = State.BETWEEN;
		return at < buffer.length();
	}
}
