package meshwork.chat.reply;

import java.util.List;
import java.util.Optional;

import meshwork.chat.reply.Syntax.Calls;
import meshwork.chat.reply.Syntax.Piece;

/**
 * How gpt-oss speaks: in messages on channels. What it calls stands before the channel or after it, and what it says of the
 * arguments varies; its template shows one way only.
 */
final class Harmony {

	static final Syntax SYNTAX = new Syntax(true, List.of("<|channel|>analysis<|message|>"), List.of("<|end|>"),
			List.of("<|channel|>final<|message|>", "<|channel|>commentary<|message|>"), List.of("<|end|>"), List.of("<|start|>assistant"), "<|return|>",
			new Calls(List.of("<|channel|>commentary to=functions.", " to=functions.", "<|channel|>analysis to=functions."),
					List.of(new Piece.Name(), new Piece.Until("<|message|>", " <|constrain|>json"), new Piece.Arguments()), Optional.empty(), "<|call|>", true));

	private Harmony() {
	}
}
