package meshwork.runtime;

import meshwork.api.engine.Model;
import meshwork.api.engine.ModelFile;
import meshwork.api.inference.ServedModel.Facts;

/**
 * A model that was looked into before any engine sees it.
 *
 * @param facts what is known of it, and how it is to be served
 * @param template its chat template, empty if it has none
 * @param skills what it can do
 */
record CheckedModel(ModelFile file, Facts facts, String template, Skills skills) {

	/** What is known once an engine has loaded it. */
	Facts facts(Model loaded, String engine) {
		return new Facts(facts.name(), facts.architecture(), loaded.description().parameters(), facts.fileBytes(), facts.memoryBytes(),
				loaded.vocabulary().size(), loaded.description().trainedContext(), facts.context(), facts.parallel(), engine);
	}
}
