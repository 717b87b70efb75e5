/* SPDX-License-Identifier: Apache-2.0 */
/* See CXML.h. The functions are those of libxml/xmlreader.h, which have been the same since 2.6 and
 * are in both sonames. */
#include "CXML.h"

#include <dlfcn.h>
#include <limits.h>
#include <pthread.h>

/* xmlParserOption and xmlReaderTypes of libxml2. */
#define XML_NOERROR    (1 << 5)
#define XML_NOWARNING  (1 << 6)
#define XML_NONET      (1 << 11)
#define XML_NOCDATA    (1 << 14)
#define XML_IGNORE_ENC (1 << 21)
#define XML_BIG_LINES  (1 << 22)

enum {
	XML_NODE_ELEMENT = 1,
	XML_NODE_TEXT = 3,
	XML_NODE_CDATA = 4,
	XML_NODE_ENTITY_REFERENCE = 5,
	XML_NODE_ENTITY = 6,
	XML_NODE_DOCUMENT_TYPE = 10,
	XML_NODE_NOTATION = 12,
	XML_NODE_ELEMENT_END = 15,
	XML_NODE_ENTITY_END = 16,
};

/* The beginning of libxml2's xmlError. */
struct xml_error {
	int domain;
	int code;
	const char *message;
};

typedef struct moor_xml_reader reader_t;

static struct {
	reader_t *(*open)(const char *, int, const char *, const char *, int);
	void (*close)(reader_t *);
	int (*read)(reader_t *);
	int (*kind)(reader_t *);
	int (*next_attribute)(reader_t *);
	const unsigned char *(*name)(reader_t *);
	const unsigned char *(*namespace)(reader_t *);
	const unsigned char *(*value)(reader_t *);
	int (*is_empty)(reader_t *);
	int (*line)(reader_t *);
	void *(*node)(reader_t *);
	long (*node_line)(const void *);
	const struct xml_error *(*problem)(void);
	void (*forget)(void);
} xml;

static int is_available;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static int find(void *library, const char *name, void *function)
{
	*(void **)function = dlsym(library, name);
	return *(void **)function != NULL;
}

static void load(void)
{
	void *library = dlopen("libxml2.so.2", RTLD_NOW | RTLD_LOCAL);

	if (!library)
		library = dlopen("libxml2.so.16", RTLD_NOW | RTLD_LOCAL);
	is_available = library && find(library, "xmlReaderForMemory", &xml.open) &&
		       find(library, "xmlFreeTextReader", &xml.close) &&
		       find(library, "xmlTextReaderRead", &xml.read) &&
		       find(library, "xmlTextReaderNodeType", &xml.kind) &&
		       find(library, "xmlTextReaderMoveToNextAttribute", &xml.next_attribute) &&
		       find(library, "xmlTextReaderConstLocalName", &xml.name) &&
		       find(library, "xmlTextReaderConstNamespaceUri", &xml.namespace) &&
		       find(library, "xmlTextReaderConstValue", &xml.value) &&
		       find(library, "xmlTextReaderIsEmptyElement", &xml.is_empty) &&
		       find(library, "xmlTextReaderGetParserLineNumber", &xml.line) &&
		       find(library, "xmlTextReaderCurrentNode", &xml.node) &&
		       find(library, "xmlGetLineNo", &xml.node_line) &&
		       find(library, "xmlGetLastError", &xml.problem) &&
		       find(library, "xmlResetLastError", &xml.forget);
}

int moor_xml_is_available(void)
{
	pthread_once(&once, load);
	return is_available;
}

struct moor_xml_reader *moor_xml_open(const char *bytes, size_t count)
{
	if (count > INT_MAX)
		return NULL;
	xml.forget();
	return xml.open(bytes, (int)count, NULL, "UTF-8",
			XML_NOERROR | XML_NOWARNING | XML_NONET | XML_NOCDATA | XML_IGNORE_ENC |
				XML_BIG_LINES);
}

void moor_xml_close(struct moor_xml_reader *reader)
{
	if (reader)
		xml.close(reader);
}

enum moor_xml_kind moor_xml_read(struct moor_xml_reader *reader)
{
	int got = xml.read(reader);

	if (got != 1)
		return got == 0 ? MOOR_XML_END : MOOR_XML_FAILED;
	switch (xml.kind(reader)) {
	case XML_NODE_ELEMENT:
		return MOOR_XML_ELEMENT;
	case XML_NODE_ELEMENT_END:
		return MOOR_XML_ELEMENT_END;
	case XML_NODE_TEXT:
	case XML_NODE_CDATA:
		return MOOR_XML_TEXT;
	case XML_NODE_ENTITY_REFERENCE:
	case XML_NODE_ENTITY:
	case XML_NODE_DOCUMENT_TYPE:
	case XML_NODE_NOTATION:
	case XML_NODE_ENTITY_END:
		return MOOR_XML_ENTITY;
	default:
		return MOOR_XML_OTHER;
	}
}

int moor_xml_next_attribute(struct moor_xml_reader *reader)
{
	return xml.next_attribute(reader) == 1;
}

const char *moor_xml_name(struct moor_xml_reader *reader)
{
	return (const char *)xml.name(reader);
}

const char *moor_xml_namespace(struct moor_xml_reader *reader)
{
	return (const char *)xml.namespace(reader);
}

const char *moor_xml_value(struct moor_xml_reader *reader)
{
	return (const char *)xml.value(reader);
}

int moor_xml_is_empty_element(struct moor_xml_reader *reader)
{
	return xml.is_empty(reader) == 1;
}

int moor_xml_line(struct moor_xml_reader *reader)
{
	/* The parser itself is some hundred bytes ahead. */
	void *node = xml.node(reader);
	long line = node ? xml.node_line(node) : -1;

	return line > 0 && line <= INT_MAX ? (int)line : xml.line(reader);
}

const char *moor_xml_problem(void)
{
	const struct xml_error *problem = xml.problem();

	return problem ? problem->message : NULL;
}
