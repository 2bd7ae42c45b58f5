package meshwork.chat.reply;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How a model speaks. All texts are as the model says them, white space included; {@link #NAME} in them stands for the name of the tool.
 *
 * @param thinks whether the template knows of thoughts
 * @param thoughts what begins a thought
 * @param thoughtEnds what ends it
 * @param contents what begins that which is for the reader, where anything does
 * @param contentEnds what ends it, where anything does
 * @param noise what stands between those, and says nothing
 * @param end what stands after the last of them, at the end of the turn; models say only some of it
 * @param calls how tools are called
 */
record Syntax(boolean thinks, List<String> thoughts, List<String> thoughtEnds, List<String> contents, List<String> contentEnds,
		List<String> noise, String end, Calls calls) {

	static final String NAME = "\0";
	static final String VERBATIM = "<![CDATA[";
	static final String VERBATIM_END = "]]>";

	/**
	 * How tools are called: {@code open} call ({@code between} call)* {@code close}.
	 *
	 * @param opens what the first call begins with, the usual one first; empty if nothing tells it from the rest
	 * @param pieces of one call
	 * @param between two calls; empty if there is only one at a time
	 * @param shown whether the template itself shows them so
	 */
	record Calls(List<String> opens, List<Piece> pieces, Optional<String> between, String close, boolean shown) {

		/** As Hermes models do it, and the template for models that have none. */
		static final Calls PLAIN = new Calls(List.of("<tool_call>\n"), List.of(new Piece.Members("name", "arguments", "", false, List.of("name",
				"arguments"))), Optional.of("\n</tool_call>\n<tool_call>\n"), "\n</tool_call>", false);
	}

	/** A part of a call. */
	sealed interface Piece {

		/** What is always the same. */
		record Literal(String text) implements Piece {
		}

		/** What nobody needs, up to some text. */
		record Until(String text, String usual) implements Piece {
		}

		/** The tool. */
		record Name() implements Piece {
		}

		/** Names the call. */
		record Id() implements Piece {
		}

		/** Counts calls. */
		record Index(int first) implements Piece {
		}

		/** A JSON object of arguments. */
		record Arguments() implements Piece {
		}

		/**
		 * A JSON object of name and arguments.
		 *
		 * @param id the key of what names the call, empty if nothing does
		 * @param counted the id is a count, and names nothing
		 * @param order of the keys
		 */
		record Members(String name, String arguments, String id, boolean counted, List<String> order) implements Piece {
		}

		/**
		 * Arguments one by one: {@code before} key middle value ({@code between} key middle value)* {@code after}.
		 *
		 * @param middles between key and value, by the JSON type of the value; without one for booleans these are written as in Python
		 * @param after a value, where it is the last; {@link #NAME} in it stands for the key
		 * @param style how values look
		 */
		record Parameters(String before, Map<String, String> middles, String between, String after, Style style) implements Piece {
		}
	}

	/** How the values of parameters look. */
	enum Style {
		/** A string as it is, anything else in JSON. */
		BARE,
		/** As {@link #BARE}, with a string that has marks in it between {@link #VERBATIM} and {@link #VERBATIM_END}. */
		VERBATIM,
		/** As in Python. */
		PYTHON,
		/** Like JSON, with strings between {@code <|"|>} and without quotes around keys. */
		QUOTED,
		/** An element for each member and item, as {@link Elements} reads them. */
		NESTED
	}
}
