package meshwork.chat.reply;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import meshwork.api.chat.Conversation;
import meshwork.api.chat.Conversation.Tool;
import meshwork.api.chat.ReplyFormat;
import meshwork.api.chat.ReplyReader;
import meshwork.api.chat.ReplyRules;
import meshwork.chat.reply.Syntax.Piece;

/** Replies in the syntax that a template shows. */
public final class LearnedReply {

	private static final Pattern TOKEN = Pattern.compile("\\]<\\]\\w+\\[>\\[|<\\|\"\\|>|<[^<>\\s\"]+>|\\[/?[A-Z_]+\\]");

	private final Syntax syntax;
	private final Set<String> marks;

	private LearnedReply(Syntax syntax) {
		this.syntax = syntax;
		marks = marks(syntax);
	}

	/**
	 * @param template renders a conversation, open or not
	 * @param source of the template, which tells of what it doesn't show
	 */
	public static LearnedReply of(BiFunction<Conversation, Boolean, String> template, String source) {
		return new LearnedReply(Learner.learn(template, source));
	}

	/** @param prompt may have begun a thought */
	public ReplyFormat format(Conversation conversation, ReplyRules rules, String prompt) {
		Map<String, Map<String, Object>> tools = new LinkedHashMap<>();
		for (Tool tool : conversation.tools())
			if (rules.tools().only().isEmpty() || rules.tools().only().contains(tool.name()))
				tools.put(tool.name(), tool.parameters());
		String end = prompt.stripTrailing();
		boolean thinking = syntax.thoughts().stream().anyMatch(begin -> end.endsWith(begin.strip()));
		Optional<ReplyFormat.Constraint> constraint = new ReplyGrammar(syntax, tools, thinking).constraint(rules);
		return new Format(syntax, tools, thinking, constraint, marks);
	}

	private record Format(Syntax syntax, Map<String, Map<String, Object>> tools, boolean thinking, Optional<Constraint> constraint,
			Set<String> marks) implements ReplyFormat {

		@Override
		public ReplyReader reader() {
			return new SyntaxReader(syntax, tools, thinking);
		}
	}

	/** Whatever in the syntax may be the name of a token. */
	private static Set<String> marks(Syntax syntax) {
		Syntax.Calls calls = syntax.calls();
		Stream<String> pieces = calls.pieces().stream().flatMap(piece -> switch (piece) {
			case Piece.Literal(var text) -> Stream.of(text);
			case Piece.Until(var text, var usual) -> Stream.of(text, usual);
			case Piece.Parameters parameters -> Stream.concat(Stream.of(parameters.before(), parameters.between(), parameters.after(), "<|\"|>"),
					parameters.middles().values().stream());
			default -> Stream.of();
		});
		var marks = new HashSet<String>();
		Stream.of(syntax.thoughts().stream(), syntax.thoughtEnds().stream(), syntax.contents().stream(), syntax.contentEnds().stream(),
				syntax.noise().stream(), calls.opens().stream(), calls.between().stream(), Stream.of(calls.close()), pieces).flatMap(it -> it)
				.forEach(text -> TOKEN.matcher(text).results().forEach(token -> marks.add(token.group())));
		return Set.copyOf(marks);
	}
}
