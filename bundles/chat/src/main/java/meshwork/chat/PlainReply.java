package meshwork.chat;

import java.util.List;
import java.util.Optional;
import java.util.Set;

import meshwork.api.chat.ReplyFormat;
import meshwork.api.chat.ReplyPart;
import meshwork.api.chat.ReplyReader;

/**
 * A reply in which everything is text.
 *
 * @param form the grammar of it; empty for any text
 */
record PlainReply(Optional<String> form) implements ReplyFormat {

	@Override
	public Optional<Constraint> constraint() {
		return form.map(grammar -> new Constraint(grammar, List.of()));
	}

	@Override
	public Set<String> marks() {
		return Set.of();
	}

	@Override
	public ReplyReader reader() {
		return new ReplyReader() {
			@Override
			public List<ReplyPart> read(String more) {
				return more.isEmpty() ? List.of() : List.of(new ReplyPart.Text(more));
			}

			@Override
			public List<ReplyPart> end() {
				return List.of();
			}
		};
	}
}
