/** OpenAI's REST API: JSON becomes a generation request, the generation's events become JSON. */
package meshwork.openai;
