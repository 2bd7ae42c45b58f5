package meshwork.chat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

import meshwork.api.chat.ChatRejected;
import meshwork.api.chat.ChatTemplate;
import meshwork.api.chat.ChatTemplates;
import meshwork.jinja.Template;
import meshwork.jinja.TemplateError;

/** Compiles the templates of models, and finds out what each of them expects of a conversation. */
@Component
public final class JinjaChatTemplates implements ChatTemplates {

	private final Clock clock;

	@Activate
	public JinjaChatTemplates() {
		this(Clock.systemDefaultZone());
	}

	/** @param clock for the templates that tell the model today's date */
	JinjaChatTemplates(Clock clock) {
		this.clock = clock;
	}

	@Override
	public ChatTemplate compile(String source, String begin, String end) {
		String jinja = source.isBlank() ? chatMl() : source;
		try {
			var prompts = new PromptWriter(Template.compile(jinja), begin, end, clock);
			return new JinjaChatTemplate(jinja, prompts, Dialect.of(jinja, prompts));
		} catch (TemplateError e) {
			throw new ChatRejected("the model's chat template can't be compiled: " + e.getMessage(), e);
		}
	}

	private static String chatMl() {
		try (InputStream resource = JinjaChatTemplates.class.getResourceAsStream("chatml.jinja")) {
			return new String(resource.readAllBytes(), StandardCharsets.UTF_8);
		} catch (IOException e) {
			throw new UncheckedIOException(e);
		}
	}
}
