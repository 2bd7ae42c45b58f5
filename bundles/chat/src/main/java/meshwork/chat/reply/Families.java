package meshwork.chat.reply;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import meshwork.chat.reply.Syntax.Calls;
import meshwork.chat.reply.Syntax.Piece;
import meshwork.chat.reply.Syntax.Style;

/** How models speak whose templates don't show it, told by what else is in these. */
final class Families {

	private static final List<String> THINK = List.of("<think>", "</think>");
	private static final Piece NAME = new Piece.Name();
	private static final Piece ARGUMENTS = new Piece.Arguments();
	private static final Piece MEMBERS = new Piece.Members("name", "arguments", "", false, List.of("name", "arguments"));
	private static final Map<String, Calls> CALLS = new LinkedHashMap<>();

	static {
		CALLS.put("<|tool_calls_section_begin|>", new Calls(List.of("<|tool_calls_section_begin|><|tool_call_begin|>functions."),
				List.of(NAME, new Piece.Literal(":"), new Piece.Index(0), new Piece.Literal("<|tool_call_argument_begin|>"), ARGUMENTS),
				Optional.of("<|tool_call_end|><|tool_call_begin|>functions."), "<|tool_call_end|><|tool_calls_section_end|>", true));
		CALLS.put("<|tool_list_start|>", new Calls(List.of("<|tool_call_start|>["), List.of(NAME, new Piece.Literal("("), new Piece.Parameters("",
				Map.of("string", "="), ", ", "", Style.PYTHON)), Optional.of("), "), ")]<|tool_call_end|>", true));
		CALLS.put("<|tool_call|>", new Calls(List.of("<|tool_call|>["), List.of(MEMBERS), Optional.of(", "), "]", true));
		CALLS.put("functools[", new Calls(List.of(" functools["), List.of(MEMBERS), Optional.of(", "), "]", true));
		CALLS.put("<｜tool▁calls▁begin｜>", new Calls(List.of("<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>"), List.of(NAME,
				new Piece.Literal("\n```json\n"), ARGUMENTS), Optional.of("\n```<｜tool▁call▁end｜>\n<｜tool▁call▁begin｜>function<｜tool▁sep｜>"),
				"\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>", true));
	}

	private Families() {
	}

	static Calls calls(String source) {
		return CALLS.entrySet().stream().filter(family -> source.contains(family.getKey())).findFirst().map(Map.Entry::getValue).orElse(Calls.PLAIN);
	}

	/** What begins and ends thoughts. */
	static List<String> thoughts(String source) {
		return source.contains("[/THINK]") || source.contains("[THINK]") ? List.of("[THINK]", "[/THINK]") : THINK;
	}
}
