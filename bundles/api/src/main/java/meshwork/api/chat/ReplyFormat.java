package meshwork.api.chat;

import java.util.List;
import java.util.Optional;
import java.util.Set;

import org.osgi.annotation.versioning.ProviderType;

/** How a model says its reply to one conversation: where its thoughts end, how it calls tools. Safe for use by many threads. */
@ProviderType
public interface ReplyFormat {

	/** What holds the model to the rules; empty when nothing has to. */
	Optional<Constraint> constraint();

	/**
	 * Names of control tokens that are part of the format, such as {@code <tool_call>}: they belong to the text that is read;
	 * all others do not.
	 */
	Set<String> marks();

	/** Begins to read a reply, from the end of the prompt on. */
	ReplyReader reader();

	/**
	 * A grammar that a reply has to keep to.
	 *
	 * @param grammar GBNF, with the rule {@code root}
	 * @param triggers patterns (ECMAScript regular expressions) of what the model says before the grammar holds, each matching all that
	 *        was said so far; the grammar begins with the pattern's first group. Empty when the grammar holds from the beginning
	 */
	record Constraint(String grammar, List<String> triggers) {
		public Constraint {
			triggers = List.copyOf(triggers);
		}
	}
}
