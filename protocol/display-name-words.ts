/**
 * The words of generated names: friendly, easy to read aloud and to tell apart, at most ten letters, without
 * brands, places, body parts, slurs or second meanings. Tests hold every pair against lists of words.
 */
const words = (list: string): readonly string[] => list.trim().split(/\s+/)

export const ADJECTIVES = words(`
  Agile Airy Alert Amber Apt Arctic Ardent Autumn Azure Bold Bonny Brave Breezy Bright Brisk Bronze Bubbly
  Calm Candid Careful Caring Cheerful Cheery Clear Clever Cloudy Coastal Copper Coral Cosmic Cosy Crimson
  Crisp Curious Dapper Daring Dawn Deft Dewy Dreamy Eager Early Earnest Emerald Even Fabled Fair Famous Fancy
  Fearless Festive Fleet Floral Fluent Fond Frank Fresh Friendly Frosty Gallant Gentle Genuine Gilded Glad
  Gleaming Golden Graceful Grand Grateful Happy Hardy Hearty Helpful Honest Hopeful Humble Icy Indigo Ivory
  Jade Jaunty Jolly Jovial Joyful Jubilant Keen Kind Lively Logical Loyal Lucid Lucky Lunar Magic Maple Marble
  Mellow Merry Mighty Mild Mindful Minty Misty Modest Mossy Musical Neat Nimble Noble Oaken Olive Opal Orderly
  Patient Peaceful Pearly Perky Placid Playful Plucky Poetic Polite Proud Quick Quiet Radiant Rapid Ready
  Regal Robust Rosy Ruby Rustic Sandy Sapphire Scarlet Serene Shiny Silent Silver Sincere Snowy Snug Solar
  Spirited Splendid Spry Stalwart Starry Steady Stellar Sterling Sunlit Sunny Sure Swift Tactful Teal Tidy
  Timely Topaz Tranquil Trusty Upbeat Valiant Velvet Verdant Vivid Warm Wavy Whimsical Windy Winged Winter
  Wise Witty Wondrous Woven Zany Zesty
`)

export const NOUNS = words(`
  Acorn Albatross Alder Alpaca Anchor Antelope Aurora Badger Bamboo Banjo Basil Beacon Beech Beetle Bison
  Blossom Bobcat Boulder Bramble Breeze Brook Buffalo Bumblebee Butterfly Cactus Camel Canary Canyon Caribou
  Cedar Cello Cheetah Chipmunk Clover Comet Compass Condor Cosmos Cove Coyote Crane Creek Cricket Crystal
  Cypress Daisy Dingo Dolphin Dragonfly Dune Eagle Echo Eclipse Egret Elk Elm Ember Falcon Fern Ferret Finch
  Fjord Flamingo Forest Fox Galaxy Gazelle Gecko Geyser Giraffe Glacier Glade Granite Gull Hamster Harbor Hare
  Harp Hawk Hazel Hedgehog Heron Hippo Horizon Ibex Iguana Iris Island Ivy Jasmine Juniper Kite Koala Lark
  Laurel Lemur Leopard Lichen Lilac Lily Llama Lobster Magnolia Magpie Manatee Mango Marmot Marsh Meadow
  Meerkat Meteor Mole Moose Moth Mountain Narwhal Nebula Newt Nutmeg Oak Oasis Ocean Ocelot Orchid Oriole
  Osprey Ostrich Otter Owl Panda Papaya Parrot Pebble Pelican Penguin Peony Pepper Pheasant Pigeon Pine Planet
  Plover Poppy Prairie Puffin Quail Quartz Rabbit Rainbow Raven Reef River Robin Rocket Saffron Salmon Shore
  Sorrel Sparrow Spruce Squirrel Starfish Stork Sunrise Swan Tapir Thistle Thrush Thunder Tiger Toucan Tulip
  Tundra Turtle Valley Violet Walnut Walrus Willow Wolf Wombat Woodland Wren Yak Zebra Zephyr
`)

/** Pairs that are not drawn: a filter for slurs finds one where the words meet. */
export const EXCLUDED_PAIRS = words(`
  CaringGalaxy CaringGazelle DaringGalaxy DaringGazelle GleamingGalaxy GleamingGazelle SterlingGalaxy
  SterlingGazelle
`)
