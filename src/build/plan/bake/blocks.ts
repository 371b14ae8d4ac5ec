/** Parts of blocks that all kinds of them share. */
import { hclFailure, type Attribute, type Block, type Body } from '../../../hcl/index.ts'

/** @throws Failure PLAN_INVALID unless the block has exactly one label */
export function oneLabel({ type, typeSpan, labels }: Block): string {
  const [label, second] = labels
  if (!label) throw hclFailure(`a ${type} needs a name`, typeSpan, `write ${type} "name" { … }`)
  if (second) throw hclFailure(`a ${type} has one name`, second.span)
  return label.text
}

export function attributeOf(body: Body, name: string): Attribute | undefined {
  return body.attributes.find((attribute) => attribute.name === name)
}
